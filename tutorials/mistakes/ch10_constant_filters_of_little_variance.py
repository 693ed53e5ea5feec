"""Caught by: test_ch10_constant_filters_whatever_the_number.

A variance below a threshold: a filter that puts out small numbers counts as constant.
"""

import numpy as np


def constant_filters(activations):
    return [int(k) for k in np.flatnonzero(activations.var(axis=(0, 2, 3)) < 1e-12)]
