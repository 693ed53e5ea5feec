"""Caught by: test_ch03_max_pool_values, test_ch03_max_pool_breaks_ties_in_reading_order.

A reshape alone brings four pixels of a row together, not those of a window.
It is a layer that keeps all laws; it is not max pooling.
"""

import numpy as np

import tinynet as tn


class MaxPool(tn.Layer):
    def forward(self, x):
        return self.in_fours(x).max(axis=-1)

    def backward(self, dy, x, y):
        wins = np.arange(4) == self.in_fours(x).argmax(axis=-1)[..., None]
        return (dy[..., None] * wins).reshape(*dy.shape[:-2], *x.shape[-2:])

    def in_fours(self, x):
        *batch, height, width = x.shape
        return x.reshape(*batch, height // 2, width // 2, 4)
