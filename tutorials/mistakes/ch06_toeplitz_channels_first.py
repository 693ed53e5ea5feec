"""Caught by: test_ch06_toeplitz_literally.

Columns in the order (c, p, q), that of the filters' own axes: G has the channel last.
"""

import numpy as np


def toeplitz(w, th, tw):
    filters, channels, kh, kw = w.shape
    T = np.zeros((filters, th, tw, channels, th + kh - 1, tw + kw - 1), w.dtype)
    for i, j in np.ndindex(th, tw):
        T[:, i, j, :, i : i + kh, j : j + kw] = w
    return T.reshape(filters * th * tw, -1)
