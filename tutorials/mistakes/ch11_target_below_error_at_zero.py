"""Caught by: test_ch11_target_below_knows_two_starts.

From zero, the error's slope is taken at zero as well, where the block never was.
"""

import numpy as np
from scipy.special import expit


def target_below(W, x, t, tau, start):
    origin = np.zeros_like(x) if start == "zero" else x
    y = expit(origin @ W.T)
    return origin - tau * ((y - t) * y * (1 - y)) @ W
