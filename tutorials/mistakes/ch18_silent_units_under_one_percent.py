"""Caught by: test_ch18_silent_by_hand.

Less than 1 %, where "at most" was asked for.
"""

import numpy as np


def silent_units(outputs):
    values = np.moveaxis(outputs, 1, 0).reshape(outputs.shape[1], -1)
    dead, reach = ~values.any(axis=1), np.ptp(values, axis=1)
    return dead, ~dead & (reach < 0.01 * reach.max())
