"""Caught by: test_ch15_share_counts_positive_weight, test_ch15_share_of_nothing.

Sizes: a leg that a unit does not want has large negative weights.
"""

import numpy as np


def share_in(pictures, inside, outside):
    size = np.abs(pictures)
    first, second = size[:, inside].sum(axis=1), size[:, outside].sum(axis=1)
    return first / (first + second)
