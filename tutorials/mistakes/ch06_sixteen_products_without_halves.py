"""Caught by: test_ch06_sixteen_products_give_the_tile.

The halves of the second and third product are forgotten.
"""

import numpy as np


def sixteen_products(w, x):
    weights_in = np.array([[1, 0, 0], [1, 1, 1], [1, -1, 1], [0, 0, 1]])
    pixels_in = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]])
    outputs_from = np.array([[1, 1, 1, 0], [0, 1, -1, -1]])
    u, v = weights_in @ w @ weights_in.T, pixels_in @ x @ pixels_in.T
    return u, v, outputs_from @ (u * v) @ outputs_from.T
