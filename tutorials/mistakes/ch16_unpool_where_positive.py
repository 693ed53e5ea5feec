"""Caught by: test_ch16_unpool_by_hand, test_ch16_unpool_comes_back.

A signal that speaks against the filter does not come through.
"""

import numpy as np


def unpool(signal, x):
    found = np.zeros(x.shape)
    for row, column in np.ndindex(signal.shape):
        window = x[2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
        down, across = divmod(window.argmax(), 2)
        found[2 * row + down, 2 * column + across] = max(signal[row, column], 0)
    return found
