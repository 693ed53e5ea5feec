"""Caught by: test_ch15_share_counts_positive_weight.

Inside over outside, which is no share.
"""

import numpy as np


def share_in(pictures, inside, outside):
    positive = np.maximum(pictures, 0)
    return positive[:, inside].sum(axis=1) / positive[:, outside].sum(axis=1)
