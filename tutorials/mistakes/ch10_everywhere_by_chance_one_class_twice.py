"""Caught by: test_ch10_everywhere_by_chance_counted_out.

The share of the first class to the power of the number of classes.
"""

import numpy as np


def everywhere_by_chance(weak, sizes):
    layers = np.split(weak, np.cumsum(sizes)[:-1], axis=1)
    return sum(layer.shape[1] * layer[0].mean() ** len(layer) for layer in layers)
