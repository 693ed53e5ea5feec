"""Caught by: test_ch07_rank_correlation_of_the_same_order, test_ch07_rank_correlation_is_spearmans.

The correlation of the values themselves, in which one large value decides.
"""

import numpy as np


def rank_correlation(one, other):
    return np.corrcoef(one, other)[0, 1]
