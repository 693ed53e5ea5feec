"""Caught by: test_ch14_alike_with_ties.

Kendall's correlation: of pairs, not of ranks.
"""

import numpy as np
from scipy import stats


def alike(one, other):
    return np.nanmean([stats.kendalltau(a.ravel(), b.ravel()).statistic for a, b in zip(one, other, strict=True)])
