"""Caught by: test_ch11_target_below_by_hand, test_ch11_target_below_steps_down_the_error.

The residual goes through the weights, but not through the sigmoid.
"""

from scipy.special import expit


def target_below(W, x, t, tau, start):
    step = tau * (expit(x @ W.T) - t) @ W
    return -step if start == "zero" else x - step
