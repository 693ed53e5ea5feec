"""Caught by: test_ch17_variation_slope.

The slope of the negative.
"""

import numpy as np


def total_variation(x):
    down, across = np.diff(x, axis=0), np.diff(x, axis=1)
    slope = np.zeros(x.shape)
    slope[1:] -= np.sign(down)
    slope[:-1] += np.sign(down)
    slope[:, 1:] -= np.sign(across)
    slope[:, :-1] += np.sign(across)
    return np.abs(down).sum() + np.abs(across).sum(), slope
