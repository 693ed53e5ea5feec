"""Caught by: test_ch01_sigmoid_does_not_overflow.

Clipping keeps exp from overflowing, and puts out 1e-13 where it should be 0.
"""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-np.clip(z, -30, 30)))
