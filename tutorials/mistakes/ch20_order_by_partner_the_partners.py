"""Caught by: test_ch20_order_of_a_copy, test_ch20_order_not_by_size, test_ch20_order_shared.

The numbers of the partners, not those of the own filters.
"""

import numpy as np


def order_by_partner(own, other, scores):
    count = own.shape[1]
    partners = np.corrcoef(own.T, other.T)[:count, count:].argmax(axis=1)
    return partners[np.argsort(-scores[partners], kind="stable")]
