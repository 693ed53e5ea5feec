"""Caught by: test_ch07_first_order_change_by_hand, test_ch07_first_order_change_is_exact_where_all_is_linear.

The product of two lengths bounds the inner product, and is not it.
"""

import numpy as np


def first_order_change(activation, gradient):
    return -np.linalg.norm(activation, axis=(2, 3)) * np.linalg.norm(gradient, axis=(2, 3))
