"""Caught by: test_ch15_gap_by_hand.

The second class less the third, in parts of the first: right if the classes happen to be in order.
"""

import numpy as np


def response_gap(outputs, labels):
    first, second, third = (outputs[labels == label].mean(axis=0) for label in range(3))
    return np.where(first > 0, (second - third) / np.where(first > 0, first, 1), 0)
