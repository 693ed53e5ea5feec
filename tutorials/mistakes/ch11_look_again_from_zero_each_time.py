"""Caught by: test_ch11_look_again_twice, test_ch11_look_again_arrives.

The slope is taken anew, but every step starts at zero again.
"""

from scipy.special import expit


def look_again(W, x, t, tau, period):
    t_x = x
    for _ in range(period):
        y = expit(t_x @ W.T)
        t_x = -tau * ((y - t) * y * (1 - y)) @ W
    return t_x
