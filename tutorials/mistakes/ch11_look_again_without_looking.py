"""Caught by: test_ch11_look_again_twice, test_ch11_look_again_arrives.

All steps take the slope at x: many steps are one long one.
"""

from scipy.special import expit


def look_again(W, x, t, tau, period):
    y = expit(x @ W.T)
    return -period * tau * ((y - t) * y * (1 - y)) @ W
