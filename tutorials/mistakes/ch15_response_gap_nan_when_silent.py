"""Caught by: test_ch15_gap_of_a_silent_unit.

Zero over zero for a silent unit.
"""

import numpy as np


def response_gap(outputs, labels):
    means = np.sort([outputs[labels == label].mean(axis=0) for label in range(3)], axis=0)
    return (means[1] - means[0]) / means[2]
