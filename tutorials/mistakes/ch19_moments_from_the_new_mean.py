"""Caught by: test_ch19_moments_by_hand, test_ch19_moments_far_from_zero.

The squared distance is taken after the mean has moved.
"""

import numpy as np


def moments(snapshots):
    mean = squares = 0.0
    for count, values in enumerate(snapshots, start=1):
        mean = mean + (np.asarray(values, np.float64) - mean) / count
        squares = squares + (values - mean) ** 2
    return mean, squares / count
