"""Caught by: test_ch18_silent_by_hand.

Exactly the same everywhere: a unit that hardly moves is missed.
"""

import numpy as np


def silent_units(outputs):
    values = np.moveaxis(outputs, 1, 0).reshape(outputs.shape[1], -1)
    dead = ~values.any(axis=1)
    return dead, ~dead & (np.ptp(values, axis=1) == 0)
