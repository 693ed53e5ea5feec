"""Caught by: test_ch17_variation_by_hand.

Rolled: the last pixel has the first for a neighbour. Value and slope agree, and both are of another thing.
"""

import numpy as np


def total_variation(x):
    value, slope = 0, np.zeros(x.shape)
    for axis in (0, 1):
        ahead = np.roll(x, -1, axis) - x
        value = value + np.abs(ahead).sum()
        slope = slope - np.sign(ahead) + np.sign(np.roll(ahead, 1, axis))
    return value, slope
