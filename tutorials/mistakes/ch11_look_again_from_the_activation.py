"""Caught by: test_ch11_look_again_once, test_ch11_look_again_twice.

Starts at x; with many steps it arrives all the same, somewhere else.
"""

from scipy.special import expit


def look_again(W, x, t, tau, period):
    t_x = x
    for _ in range(period):
        y = expit(t_x @ W.T)
        t_x = t_x - tau * ((y - t) * y * (1 - y)) @ W
    return t_x
