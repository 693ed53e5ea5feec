"""Caught by: test_ch16_unpool_by_hand, test_ch16_unpool_of_equal_ones, test_ch16_unpool_comes_back.

Each value is shared out evenly, as the way back of an average pool does.
"""

import numpy as np


def unpool(signal, x):
    return np.kron(signal, np.full((2, 2), 0.25))
