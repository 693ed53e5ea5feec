"""Caught by: test_ch11_target_below_steps_down_the_error, test_ch11_target_below_knows_two_starts.

The start is ignored: both begin at zero.
"""

from scipy.special import expit


def target_below(W, x, t, tau, start):
    y = expit(x @ W.T)
    return -tau * ((y - t) * y * (1 - y)) @ W
