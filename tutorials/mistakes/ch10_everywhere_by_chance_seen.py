"""Caught by: test_ch10_everywhere_by_chance_counted_out, test_ch10_everywhere_by_chance_layer_by_layer.

How many units are on all lists, which is what chance is to be compared with.
"""

import numpy as np


def everywhere_by_chance(weak, sizes):
    return np.all(weak, axis=0).sum()
