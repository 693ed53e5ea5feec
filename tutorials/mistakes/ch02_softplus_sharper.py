"""Caught by: test_ch02_softplus_values.

A softplus with a sharper bend. Forward and backward agree with each other, so the laws are content.
"""

import numpy as np
from scipy.special import expit

import tinynet as tn


class Softplus(tn.Layer):
    def forward(self, x):
        return np.logaddexp(0, 2 * x) / 2

    def backward(self, dy, x, y):
        return dy * expit(2 * x)
