"""Caught by: test_ch11_look_again_twice, test_ch11_look_again_arrives.

Each step is tau / period long, so that all together are one.
"""

import numpy as np
from scipy.special import expit


def look_again(W, x, t, tau, period):
    t_x, at = np.zeros_like(x), x
    for _ in range(period):
        y = expit(at @ W.T)
        t_x = t_x - tau / period * ((y - t) * y * (1 - y)) @ W
        at = t_x
    return t_x
