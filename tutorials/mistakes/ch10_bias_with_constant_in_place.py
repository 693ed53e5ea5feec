"""Caught by: test_ch10_bias_with_constant_changes_nothing, test_ch10_bias_with_constant_leaves_the_bias.

Adds into the bias of the network that is still in use.
"""


def bias_with_constant(W_next, b_next, unit, value):
    b_next += value * W_next[:, unit].sum(axis=(1, 2))
    return b_next
