"""Caught by: test_ch12_bend_of_two_lines, test_ch12_bend_needs_no_order.

One arm alone, flat in front of the bend.
"""

import numpy as np


def bend(x, y, places):
    def left_over(k):
        columns = np.stack([np.ones_like(x), np.maximum(x - k, 0)], axis=1)
        return np.square(columns @ np.linalg.lstsq(columns, y, rcond=None)[0] - y).sum()

    return min(places, key=left_over)
