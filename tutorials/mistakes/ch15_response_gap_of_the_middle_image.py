"""Caught by: test_ch15_gap_by_hand.

The median output of a class for its mean.
"""

import numpy as np


def response_gap(outputs, labels):
    means = np.sort([np.median(outputs[labels == label], axis=0) for label in range(3)], axis=0)
    return np.where(means[2] > 0, (means[1] - means[0]) / np.where(means[2] > 0, means[2], 1), 0)
