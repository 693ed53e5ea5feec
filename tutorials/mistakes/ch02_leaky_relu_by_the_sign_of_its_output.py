"""Caught by: test_ch02_leaky_relu_keeps_the_laws.

The output tells on which side of the kink the input lay, as it does for a ReLU: not if the slope is negative.
"""

import numpy as np

import tinynet as tn


class LeakyReLU(tn.Layer):
    def __init__(self, slope=0.1):
        self.slope = slope

    def forward(self, x):
        return np.where(x > 0, x, self.slope * x)

    def backward(self, dy, x, y):
        return np.where(y > 0, dy, self.slope * dy)
