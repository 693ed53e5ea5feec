"""Caught by: test_ch12_overlap_by_hand, test_ch12_overlap_of_one_image.

The sum over the pairs of different features, divided by the number of all pairs.
"""

import numpy as np


def overlap(features):
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    table = abs(unit @ unit.T)
    return (table.sum() - np.trace(table)) / table.size
