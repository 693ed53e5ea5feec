"""Caught by: test_ch12_bend_by_squares.

The sum of the sizes of what is left over, not of its squares.
"""

import numpy as np


def bend(x, y, places):
    def left_over(k):
        columns = np.stack([np.ones_like(x), np.minimum(x - k, 0), np.maximum(x - k, 0)], axis=1)
        return abs(columns @ np.linalg.lstsq(columns, y, rcond=None)[0] - y).sum()

    return min(places, key=left_over)
