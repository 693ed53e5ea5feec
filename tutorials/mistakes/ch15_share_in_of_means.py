"""Caught by: test_ch15_share_counts_positive_weight.

The mean of each region for its sum: a small region counts for more.
"""

import numpy as np


def share_in(pictures, inside, outside):
    positive = np.maximum(pictures, 0)
    first, second = positive[:, inside].mean(axis=1), positive[:, outside].mean(axis=1)
    return first / (first + second)
