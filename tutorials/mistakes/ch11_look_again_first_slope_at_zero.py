"""Caught by: test_ch11_look_again_once, test_ch11_look_again_twice.

The first slope is taken at zero as well.
"""

import numpy as np
from scipy.special import expit


def look_again(W, x, t, tau, period):
    t_x = np.zeros_like(x)
    for _ in range(period):
        y = expit(t_x @ W.T)
        t_x = t_x - tau * ((y - t) * y * (1 - y)) @ W
    return t_x
