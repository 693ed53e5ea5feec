"""Caught by: test_ch19_moments_far_from_zero.

Squares in float64 put the loss of digits off, and do not cure it.
"""

import numpy as np


def moments(snapshots):
    total = squares = 0.0
    count = 0
    for values in snapshots:
        count += 1
        values = np.asarray(values, np.float64)
        total, squares = total + values, squares + values**2
    return total / count, squares / count - (total / count) ** 2
