"""Caught by: test_ch20_order_of_a_copy, test_ch20_order_not_by_size, test_ch20_order_shared.

Filter 3 is taken for filter 3.
"""

import numpy as np


def order_by_partner(own, other, scores):
    return np.argsort(-scores[: own.shape[1]], kind="stable")
