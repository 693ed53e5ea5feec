"""Caught by: test_ch20_order_of_a_copy, test_ch20_order_not_by_size, test_ch20_order_shared.

The order is turned round.
"""

import numpy as np


def order_by_partner(own, other, scores):
    count = own.shape[1]
    correlations = np.corrcoef(own.T, other.T)[:count, count:]
    return np.argsort(scores[correlations.argmax(axis=1)], kind="stable")
