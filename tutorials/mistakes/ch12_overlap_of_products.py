"""Caught by: test_ch12_overlap_by_hand, test_ch12_overlap_of_one_image.

Inner products without the lengths.
"""

import numpy as np


def overlap(features):
    table = features @ features.T
    return abs(table[~np.eye(len(table), dtype=bool)]).mean()
