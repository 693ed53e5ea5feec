"""Caught by: test_ch06_toeplitz_literally.

The filter turned round: the matrix of a convolution.
"""

import numpy as np


def toeplitz(w, th, tw):
    filters, channels, kh, kw = w.shape
    T = np.zeros((filters, th, tw, th + kh - 1, tw + kw - 1, channels), w.dtype)
    for i, j in np.ndindex(th, tw):
        T[:, i, j, i : i + kh, j : j + kw] = w[:, :, ::-1, ::-1].transpose(0, 2, 3, 1)
    return T.reshape(filters * th * tw, -1)
