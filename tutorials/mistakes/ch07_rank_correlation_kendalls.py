"""Caught by: test_ch07_rank_correlation_is_spearmans.

The share of pairs in the same order, less that of the others: Kendall's correlation, another one.
"""

import numpy as np


def rank_correlation(one, other):
    signs = [np.sign(values[:, None] - values) for values in (one, other)]
    return np.sum(signs[0] * signs[1]) / (len(one) * (len(one) - 1))
