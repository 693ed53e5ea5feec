"""Caught by: test_ch10_constant_filters_everywhere_and_always.

A map that is the same for all images is treated as one number.
"""

import numpy as np


def constant_filters(activations):
    spread = np.ptp(activations, axis=0).max(axis=(1, 2))
    return [int(k) for k in np.flatnonzero(spread == 0)]
