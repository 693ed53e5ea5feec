"""Caught by: test_ch10_constant_filters_everywhere_and_always.

Flat within each image, but not the same from image to image.
"""

import numpy as np


def constant_filters(activations):
    spread = np.ptp(activations, axis=(2, 3)).max(axis=0)
    return [int(k) for k in np.flatnonzero(spread == 0)]
