"""Caught by: test_ch07_first_order_change_by_hand, test_ch07_first_order_change_is_exact_where_all_is_linear.

What the filter adds, not what changes without it: the minus is forgotten.
"""


def first_order_change(activation, gradient):
    return (activation * gradient).sum(axis=(2, 3))
