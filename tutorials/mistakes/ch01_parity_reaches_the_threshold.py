"""Caught by: test_ch01_parity_truth_table.

A net input of 0 does not fire: these units say more than one, more than two, more than three.
"""

import numpy as np


def parity_network():
    return np.ones((3, 3)), np.array([-1.0, -2.0, -3.0]), np.array([[1.0, -1.0, 1.0]]), np.array([-0.5])
