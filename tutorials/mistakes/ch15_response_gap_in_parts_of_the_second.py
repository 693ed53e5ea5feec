"""Caught by: test_ch15_gap_by_hand, test_ch15_gap_of_a_silent_unit.

In parts of the second largest.
"""

import numpy as np


def response_gap(outputs, labels):
    means = np.sort([outputs[labels == label].mean(axis=0) for label in range(3)], axis=0)
    return np.where(means[1] > 0, (means[1] - means[0]) / np.where(means[1] > 0, means[1], 1), 0)
