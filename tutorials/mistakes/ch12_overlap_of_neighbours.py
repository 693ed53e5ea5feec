"""Caught by: test_ch12_overlap_by_hand.

Pairs of neighbours alone, each feature with the next.
"""

import numpy as np


def overlap(features):
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    return abs((unit[1:] * unit[:-1]).sum(axis=1)).mean()
