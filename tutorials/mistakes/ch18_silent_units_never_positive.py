"""Caught by: test_ch18_silent_for_all_images.

A unit whose outputs are never positive is called dead, though it works.
"""

import numpy as np


def silent_units(outputs):
    dead, reach = outputs.max(axis=(0, 2, 3)) <= 0, np.ptp(outputs, axis=(0, 2, 3))
    return dead, ~dead & (reach <= 0.01 * reach.max())
