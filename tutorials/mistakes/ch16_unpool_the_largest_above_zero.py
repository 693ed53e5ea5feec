"""Caught by: test_ch16_unpool_comes_back.

A search that begins at 0 sends the signal to the corner of a window whose pixels are all negative.
"""

import numpy as np


def unpool(signal, x):
    found = np.zeros(x.shape)
    for row, column in np.ndindex(signal.shape):
        largest, where = 0, (2 * row, 2 * column)
        for place in np.ndindex(2, 2):
            at = (2 * row + place[0], 2 * column + place[1])
            if x[at] > largest:
                largest, where = x[at], at
        found[where] = signal[row, column]
    return found
