"""Caught by: test_ch16_unpool_of_equal_ones.

Of equal pixels the last one gets the value.
"""

import numpy as np


def unpool(signal, x):
    found = np.zeros(x.shape)
    for row, column in np.ndindex(signal.shape):
        window = x[2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
        down, across = divmod(3 - window[::-1, ::-1].argmax(), 2)
        found[2 * row + down, 2 * column + across] = signal[row, column]
    return found
