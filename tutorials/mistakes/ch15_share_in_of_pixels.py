"""Caught by: test_ch15_share_counts_positive_weight.

The share of the pixels that are positive, however large they are.
"""


def share_in(pictures, inside, outside):
    positive = pictures > 0
    first, second = positive[:, inside].sum(axis=1), positive[:, outside].sum(axis=1)
    return first / (first + second)
