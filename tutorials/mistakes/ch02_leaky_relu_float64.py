"""Caught by: test_ch02_leaky_relu_keeps_the_laws.

np.where of two Python numbers makes float64, and float32 is lost.
"""

import numpy as np

import tinynet as tn


class LeakyReLU(tn.Layer):
    def __init__(self, slope=0.1):
        self.slope = slope

    def forward(self, x):
        return np.where(x > 0, x, self.slope * x)

    def backward(self, dy, x, y):
        return dy * np.where(x > 0, 1.0, self.slope)
