"""Caught by: test_ch07_silenced_maps_are_zero.

The first axis is that of the images: some faces go dark, no filter does.
"""

import numpy as np


def silenced(activation, units):
    changed = np.array(activation)
    changed[units] = 0
    return changed
