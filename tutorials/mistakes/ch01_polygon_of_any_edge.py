"""Caught by: test_ch01_polygon_is_one_inside_alone.

OR in the place of AND: one half-plane is enough.
"""

import numpy as np


def polygon_network(corners):
    edges = np.roll(corners, -1, axis=0) - corners
    W1 = np.stack([-edges[:, 1], edges[:, 0]], axis=1)
    return W1, -(W1 * corners).sum(axis=1), np.ones((1, len(corners))), np.array([-0.5])
