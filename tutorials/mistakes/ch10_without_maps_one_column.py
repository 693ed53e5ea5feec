"""Caught by: test_ch10_without_maps_is_knocking_out, test_ch10_without_maps_by_hand.

One column for a filter: right behind a dense layer, not behind flatten.
"""

import numpy as np


def without_maps(W, removed, filters):
    return np.delete(W, removed, axis=1)
