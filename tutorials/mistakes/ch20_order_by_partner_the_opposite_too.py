"""Caught by: test_ch20_order_not_by_size.

A filter that answers the other way round is taken for the same.
"""

import numpy as np


def order_by_partner(own, other, scores):
    count = own.shape[1]
    correlations = np.abs(np.corrcoef(own.T, other.T)[:count, count:])
    return np.argsort(-scores[correlations.argmax(axis=1)], kind="stable")
