"""Caught by: test_ch15_share_counts_positive_weight, test_ch15_share_of_nothing.

The share of all positive weight of the picture, other places too.
"""

import numpy as np


def share_in(pictures, inside, outside):
    positive = np.maximum(pictures, 0)
    total = positive.sum(axis=(1, 2))
    return np.where(total > 0, positive[:, inside].sum(axis=1) / np.where(total > 0, total, 1), np.nan)
