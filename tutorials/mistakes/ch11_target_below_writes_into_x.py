"""Caught by: test_ch11_target_below_by_hand, test_ch11_target_below_steps_down_the_error,
test_ch11_target_below_knows_two_starts.

The step from the activation is taken in the inputs themselves.
"""

from scipy.special import expit


def target_below(W, x, t, tau, start):
    y = expit(x @ W.T)
    step = tau * ((y - t) * y * (1 - y)) @ W
    if start == "zero":
        return -step
    x -= step
    return x
