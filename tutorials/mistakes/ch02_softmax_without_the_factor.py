"""Caught by: test_ch02_softmax_keeps_the_laws.

The factor in front of the bracket is forgotten. A seed of ones gives zero all the same.
"""

import numpy as np

import tinynet as tn


class Softmax(tn.Layer):
    def forward(self, x):
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)

    def backward(self, dy, x, y):
        return dy - (dy * y).sum(axis=-1, keepdims=True)
