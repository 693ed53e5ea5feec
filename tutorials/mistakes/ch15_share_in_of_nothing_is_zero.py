"""Caught by: test_ch15_share_of_nothing.

No weight at all is told as none inside.
"""

import numpy as np


def share_in(pictures, inside, outside):
    positive = np.maximum(pictures, 0)
    first, second = positive[:, inside].sum(axis=1), positive[:, outside].sum(axis=1)
    return first / np.maximum(first + second, 1e-12)
