"""Caught by: test_ch07_rank_correlation_of_the_same_order, test_ch07_rank_correlation_is_spearmans.

argsort says where the smallest value stands, not which rank the first value has.
"""

import numpy as np


def rank_correlation(one, other):
    return np.corrcoef(np.argsort(one), np.argsort(other))[0, 1]
