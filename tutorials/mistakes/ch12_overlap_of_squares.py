"""Caught by: test_ch12_overlap_by_hand.

The root of the mean square, not the mean size.
"""

import numpy as np


def overlap(features):
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    table = unit @ unit.T
    return np.sqrt(np.square(table[~np.eye(len(table), dtype=bool)]).mean())
