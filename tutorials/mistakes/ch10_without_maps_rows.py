"""Caught by: test_ch10_without_maps_is_knocking_out, test_ch10_without_maps_by_hand.

Units of the dense layer go instead of what they read.
"""

import numpy as np


def without_maps(W, removed, filters):
    return np.delete(W, removed, axis=0)
