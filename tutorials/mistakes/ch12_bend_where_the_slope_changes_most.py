"""Caught by: test_ch12_bend_needs_no_order, test_ch12_bend_by_squares.

The largest change of slope between neighbours: noise bends more than the curve.
"""

import numpy as np


def bend(x, y, places):
    order = np.argsort(x)
    slopes = np.diff(y[order]) / np.diff(x[order])
    return places[np.argmin(abs(places - x[order][1:-1][np.argmax(abs(np.diff(slopes)))]))]
