"""Caught by: test_ch01_polygon_is_one_inside_alone.

Without biases every edge goes through the origin.
"""

import numpy as np


def polygon_network(corners):
    edges = np.roll(corners, -1, axis=0) - corners
    W1 = np.stack([-edges[:, 1], edges[:, 0]], axis=1)
    return W1, np.zeros(len(corners)), np.ones((1, len(corners))), np.array([0.5 - len(corners)])
