"""Caught by: test_ch11_look_again_once, test_ch11_look_again_twice.

The first step is taken before the loop begins to count.
"""

from scipy.special import expit


def look_again(W, x, t, tau, period):
    y = expit(x @ W.T)
    t_x = -tau * ((y - t) * y * (1 - y)) @ W
    for _ in range(period):
        y = expit(t_x @ W.T)
        t_x = t_x - tau * ((y - t) * y * (1 - y)) @ W
    return t_x
