"""Caught by: test_ch01_sigmoid_values, test_ch01_sigmoid_does_not_overflow.

The sign in the exponent is forgotten: 1 - sigmoid.
"""

import numpy as np
from scipy.special import expit


def sigmoid(z):
    return expit(-np.asarray(z))
