"""Caught by: test_ch10_without_maps_is_knocking_out, test_ch10_without_maps_by_hand.

Every filters-th column, as if the maps of a place lay side by side.
"""

import numpy as np


def without_maps(W, removed, filters):
    by_place = W.reshape(len(W), -1, filters)
    return np.delete(by_place, removed, axis=2).reshape(len(W), -1)
