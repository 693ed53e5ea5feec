"""Caught by: test_ch16_unpool_by_hand, test_ch16_unpool_of_equal_ones, test_ch16_unpool_comes_back.

Without switches: every value into the corner of its window, whatever the image was.
"""

import numpy as np


def unpool(signal, x):
    found = np.zeros(x.shape)
    found[::2, ::2] = signal
    return found
