"""Caught by: test_ch11_target_below_by_hand, test_ch11_target_below_steps_down_the_error.

The residual the other way round, t - y, still subtracted.
"""

from scipy.special import expit


def target_below(W, x, t, tau, start):
    y = expit(x @ W.T)
    step = tau * ((t - y) * y * (1 - y)) @ W
    return -step if start == "zero" else x - step
