"""Caught by: test_ch20_order_not_by_size.

The loudest filter is everybody's partner.
"""

import numpy as np


def order_by_partner(own, other, scores):
    return np.argsort(-scores[(own.T @ other).argmax(axis=1)], kind="stable")
