"""Caught by: test_ch01_sigmoid_does_not_overflow.

The formula as it stands in books.
"""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))
