"""Caught by: test_ch10_bias_with_constant_changes_nothing.

The filter just goes: right for the constant 0 alone.
"""


def bias_with_constant(W_next, b_next, unit, value):
    return b_next.copy()
