"""Caught by: test_ch19_moments_by_hand, test_ch19_moments_far_from_zero, test_ch19_moments_of_one,
test_ch19_moments_keep_few.

Divided by one less than the number of snapshots, which a single one does not have.
"""

import numpy as np


def moments(snapshots):
    kept = np.array(list(snapshots), np.float64)
    return kept.mean(axis=0), ((kept - kept.mean(axis=0)) ** 2).sum(axis=0) / (len(kept) - 1 or np.nan)
