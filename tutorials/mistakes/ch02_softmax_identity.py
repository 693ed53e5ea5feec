"""Caught by: test_ch02_softmax_keeps_the_laws, test_ch02_softmax_of_a_seed_of_ones.

Softmax passes dy on as if it were not there.
"""

import numpy as np

import tinynet as tn


class Softmax(tn.Layer):
    def forward(self, x):
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)

    def backward(self, dy, x, y):
        return dy.copy()
