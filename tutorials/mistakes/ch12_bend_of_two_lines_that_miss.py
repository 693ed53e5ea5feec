"""Caught by: test_ch12_bend_of_two_lines, test_ch12_bend_by_squares.

Two lines that need not meet.
"""

import numpy as np


def bend(x, y, places):
    def left_over(k):
        total = 0
        for side in (x <= k, x > k):
            columns = np.stack([np.ones(side.sum()), x[side]], axis=1)
            total += np.square(columns @ np.linalg.lstsq(columns, y[side], rcond=None)[0] - y[side]).sum()
        return total

    return min(places, key=left_over)
