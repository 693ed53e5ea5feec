"""Caught by: test_ch12_bend_of_two_lines, test_ch12_bend_needs_no_order.

The place of the highest point: right for up and down, and for no other bend.
"""

import numpy as np


def bend(x, y, places):
    return places[np.argmin(abs(places - x[np.argmax(y)]))]
