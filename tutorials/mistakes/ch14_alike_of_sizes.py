"""Caught by: test_ch14_alike_by_ranks.

Ranks of the sizes: a map and its opposite are alike.
"""

import numpy as np
from scipy import stats


def alike(one, other):
    found = [stats.spearmanr(abs(a).ravel(), abs(b).ravel()).statistic for a, b in zip(one, other, strict=True)]
    return np.nanmean(found)
