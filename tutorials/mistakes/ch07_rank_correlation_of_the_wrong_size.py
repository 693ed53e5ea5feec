"""Caught by: test_ch07_rank_correlation_of_the_same_order, test_ch07_rank_correlation_is_spearmans.

The formula for ranks without ties, with the number squared instead of cubed.
"""

import numpy as np


def rank_correlation(one, other):
    ranks = [np.argsort(np.argsort(values)) for values in (one, other)]
    return 1 - 6 * np.sum((ranks[0] - ranks[1]) ** 2) / (len(one) ** 2 - len(one))
