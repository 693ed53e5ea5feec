"""Caught by: test_ch10_everywhere_by_chance_counted_out, test_ch10_everywhere_by_chance_layer_by_layer.

The probability that one unit is on all lists, and not how many of all units are expected there.
"""

import numpy as np


def everywhere_by_chance(weak, sizes):
    layers = np.split(weak, np.cumsum(sizes)[:-1], axis=1)
    return sum(layer.mean(axis=1).prod() for layer in layers)
