"""Caught by: test_ch11_target_below_by_hand, test_ch11_target_below_steps_down_the_error.

A step up the error.
"""

from scipy.special import expit


def target_below(W, x, t, tau, start):
    y = expit(x @ W.T)
    step = tau * ((y - t) * y * (1 - y)) @ W
    return step if start == "zero" else x + step
