"""Caught by: test_ch03_max_pool_breaks_ties_in_reading_order.

A tie's delta goes to one pixel, but to the last.
"""

import numpy as np

import tinynet as tn


class MaxPool(tn.Layer):
    def forward(self, x):
        *batch, height, width = x.shape
        return x.reshape(*batch, height // 2, 2, width // 2, 2).max(axis=(-3, -1))

    def backward(self, dy, x, y):
        *batch, height, width = x.shape
        windows = x.reshape(*batch, height // 2, 2, width // 2, 2).swapaxes(-3, -2)
        flat = windows.reshape(*batch, height // 2, width // 2, 4)
        wins = np.arange(4) == 3 - flat[..., ::-1].argmax(axis=-1)[..., None]
        shares = (dy[..., None] * wins).reshape(*dy.shape, 2, 2).swapaxes(-3, -2)
        return shares.reshape(*dy.shape[:-2], height, width)
