"""Caught by: test_ch19_moments_far_from_zero.

The sums keep the seven digits of the snapshots.
"""

import numpy as np


def moments(snapshots):
    mean = squares = np.float32(0)
    for count, values in enumerate(snapshots, start=1):
        distance = values - mean
        mean = mean + distance / np.float32(count)
        squares = squares + distance * (values - mean)
    return mean, squares / np.float32(count)
