"""Caught by: test_ch11_target_below_by_hand, test_ch11_target_below_steps_down_the_error.

The slope at the target, t (1 - t): none at all for a target of 0 or 1.
"""

from scipy.special import expit


def target_below(W, x, t, tau, start):
    y = expit(x @ W.T)
    step = tau * ((y - t) * t * (1 - t)) @ W
    return -step if start == "zero" else x - step
