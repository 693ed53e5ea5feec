"""Caught by: test_ch15_gap_by_hand, test_ch15_gap_of_a_silent_unit.

The difference alone: a loud unit has a large gap.
"""

import numpy as np


def response_gap(outputs, labels):
    means = np.sort([outputs[labels == label].mean(axis=0) for label in range(3)], axis=0)
    return means[1] - means[0]
