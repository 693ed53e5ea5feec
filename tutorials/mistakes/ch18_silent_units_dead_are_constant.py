"""Caught by: test_ch18_silent_by_hand.

The dead are counted among the constant ones, too.
"""

import numpy as np


def silent_units(outputs):
    reach = np.ptp(outputs, axis=(0, 2, 3))
    return ~outputs.any(axis=(0, 2, 3)), reach <= 0.01 * reach.max()
