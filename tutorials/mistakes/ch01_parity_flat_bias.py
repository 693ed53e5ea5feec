"""Caught by: test_ch01_parity_shapes.

Right as numbers, but the output layer has a bias without an axis.
"""

import numpy as np


def parity_network():
    return np.ones((3, 3)), np.array([-0.5, -1.5, -2.5]), np.array([[1.0, -1.0, 1.0]]), -0.5
