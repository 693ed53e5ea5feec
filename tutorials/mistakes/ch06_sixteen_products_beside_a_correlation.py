"""Caught by: test_ch06_sixteen_products_are_all_that_y_knows.

The sixteen products are right, but the tile is made by thirty-six others.
"""

import numpy as np
from scipy import signal


def sixteen_products(w, x):
    weights_in = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])
    pixels_in = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]])
    return weights_in @ w @ weights_in.T, pixels_in @ x @ pixels_in.T, signal.correlate2d(x, w, "valid")
