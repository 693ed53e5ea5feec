"""Caught by: test_ch12_overlap_by_hand.

Correlations for cosines: the mean of each feature is taken away before.
"""

import numpy as np


def overlap(features):
    table = np.corrcoef(features)
    return abs(table[~np.eye(len(table), dtype=bool)]).mean()
