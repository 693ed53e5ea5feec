"""Caught by: test_ch02_softplus_values.

For large x the output is x, near enough; but 8 is not large, and both passes agree with each other, if not with log.
"""

import numpy as np
from scipy.special import expit

import tinynet as tn


class Softplus(tn.Layer):
    def forward(self, x):
        return np.where(x > 8, x, np.log1p(np.exp(np.minimum(x, 8))))

    def backward(self, dy, x, y):
        return np.where(x > 8, dy, dy * expit(x))
