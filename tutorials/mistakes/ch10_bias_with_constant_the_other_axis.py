"""Caught by: test_ch10_bias_with_constant_changes_nothing.

The weights of the reader with the unit's number, summed: the first axis counts those that read.
"""


def bias_with_constant(W_next, b_next, unit, value):
    return b_next + value * W_next[unit].sum()
