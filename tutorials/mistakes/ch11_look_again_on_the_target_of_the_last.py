"""Caught by: test_ch11_look_again_twice, test_ch11_look_again_arrives.

The target of the last step stands in for the target of the outputs.
"""

import numpy as np
from scipy.special import expit


def look_again(W, x, t, tau, period):
    t_x, at = np.zeros_like(x), x
    for _ in range(period):
        y = expit(at @ W.T)
        t_x = t_x - tau * ((y - t) * y * (1 - y)) @ W
        at, t = t_x, y
    return t_x
