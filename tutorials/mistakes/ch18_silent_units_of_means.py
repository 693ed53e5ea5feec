"""Caught by: test_ch18_silent_for_all_images.

Means over the images: what rises for one place and falls for another is taken for silent.
"""

import numpy as np


def silent_units(outputs):
    means = outputs.mean(axis=(2, 3))
    dead, reach = ~means.any(axis=0), np.ptp(means, axis=0)
    return dead, ~dead & (reach <= 0.01 * reach.max())
