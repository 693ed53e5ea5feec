"""Caught by: test_ch10_constant_filters_whatever_the_number.

The mean of many times 0.1 is not quite 0.1, and so the variance is not quite 0.
"""

import numpy as np


def constant_filters(activations):
    return [int(k) for k in np.flatnonzero(activations.var(axis=(0, 2, 3)) == 0)]
