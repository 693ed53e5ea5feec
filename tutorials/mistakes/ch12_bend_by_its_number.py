"""Caught by: test_ch12_bend_of_two_lines, test_ch12_bend_needs_no_order, test_ch12_bend_by_squares.

The number of the place, not the place.
"""

import numpy as np


def bend(x, y, places):
    left_over = []
    for k in places:
        columns = np.stack([np.ones_like(x), np.minimum(x - k, 0), np.maximum(x - k, 0)], axis=1)
        left_over.append(np.square(columns @ np.linalg.lstsq(columns, y, rcond=None)[0] - y).sum())
    return np.argmin(left_over)
