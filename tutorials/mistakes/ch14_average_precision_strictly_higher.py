"""Caught by: test_ch14_precision_by_hand, test_ch14_precision_of_a_flat_map, test_ch14_precision_of_many.

Pixels that are higher, without the pixel itself.
"""

import numpy as np


def average_precision(heights, mask):
    found = []
    for height in heights[mask]:
        above = heights > height
        found.append(mask[above].mean() if above.any() else 1.0)
    return np.mean(found)
