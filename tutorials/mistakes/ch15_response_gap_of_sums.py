"""Caught by: test_ch15_gap_by_hand.

Sums instead of means: the class with most images wins.
"""

import numpy as np


def response_gap(outputs, labels):
    sums = np.sort([outputs[labels == label].sum(axis=0) for label in range(3)], axis=0)
    return np.where(sums[2] > 0, (sums[1] - sums[0]) / np.where(sums[2] > 0, sums[2], 1), 0)
