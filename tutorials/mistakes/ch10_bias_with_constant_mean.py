"""Caught by: test_ch10_bias_with_constant_changes_nothing.

The mean of the window's weights for their sum.
"""


def bias_with_constant(W_next, b_next, unit, value):
    return b_next + value * W_next[:, unit].mean(axis=(1, 2))
