"""Caught by: test_ch02_softplus_does_not_overflow.

The formula as it stands in books.
"""

import numpy as np
from scipy.special import expit

import tinynet as tn


class Softplus(tn.Layer):
    def forward(self, x):
        return np.log(1 + np.exp(x))

    def backward(self, dy, x, y):
        return dy * expit(x)
