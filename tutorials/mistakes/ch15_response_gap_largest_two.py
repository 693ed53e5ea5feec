"""Caught by: test_ch15_gap_by_hand.

The largest stands out from the second: true for a unit of one letter, not of two.
"""

import numpy as np


def response_gap(outputs, labels):
    means = np.sort([outputs[labels == label].mean(axis=0) for label in range(3)], axis=0)
    return np.where(means[2] > 0, (means[2] - means[1]) / np.where(means[2] > 0, means[2], 1), 0)
