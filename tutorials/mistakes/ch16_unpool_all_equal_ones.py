"""Caught by: test_ch16_unpool_of_equal_ones.

Every pixel that is as large as the largest gets the value: in an even window it comes back four times.
"""

import numpy as np


def unpool(signal, x):
    height, width = signal.shape
    largest = x.reshape(height, 2, width, 2).max(axis=(1, 3))
    return np.kron(signal, np.ones((2, 2))) * (x == np.kron(largest, np.ones((2, 2))))
