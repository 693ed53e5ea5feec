"""Caught by: test_ch12_bend_of_two_lines, test_ch12_bend_by_squares.

Two lines that meet at height 0.
"""

import numpy as np


def bend(x, y, places):
    def left_over(k):
        columns = np.stack([np.minimum(x - k, 0), np.maximum(x - k, 0)], axis=1)
        return np.square(columns @ np.linalg.lstsq(columns, y, rcond=None)[0] - y).sum()

    return min(places, key=left_over)
