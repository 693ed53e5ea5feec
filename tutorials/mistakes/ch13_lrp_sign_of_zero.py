"""Caught by: test_ch13_lrp_of_a_sum_of_zero.

np.sign(0) is 0, so a sum of 0 is still divided by.
"""

import numpy as np


def lrp_epsilon(W, b, x, relevance, eps):
    z = W @ x + b
    with np.errstate(divide="ignore", invalid="ignore"):
        return x * (W.T @ (relevance / (z + eps * np.sign(z))))
