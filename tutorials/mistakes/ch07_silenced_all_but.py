"""Caught by: test_ch07_silenced_maps_are_zero.

Only the filters named are kept.
"""

import numpy as np


def silenced(activation, units):
    changed = np.zeros_like(activation)
    changed[:, units] = activation[:, units]
    return changed
