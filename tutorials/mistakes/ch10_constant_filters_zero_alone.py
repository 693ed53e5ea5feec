"""Caught by: test_ch10_constant_filters_by_hand, test_ch10_constant_filters_whatever_the_number.

Dead means 0: a saturated filter is not found.
"""

import numpy as np


def constant_filters(activations):
    return [int(k) for k in np.flatnonzero(~activations.any(axis=(0, 2, 3)))]
