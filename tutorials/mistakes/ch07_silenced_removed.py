"""Caught by: test_ch07_silenced_maps_are_zero.

The maps are removed instead of silenced, and the next layer's weights no longer fit.
"""

import numpy as np


def silenced(activation, units):
    return np.delete(activation, units, axis=1)
