"""Caught by: test_ch06_along_diagonals_law.

The mean along each diagonal instead of the sum.
"""

import numpy as np


def along_diagonals(dT, shape, th, tw):
    filters, channels, kh, kw = shape
    dT = dT.reshape(filters, th, tw, th + kh - 1, tw + kw - 1, channels)
    parts = [dT[:, i, j, i : i + kh, j : j + kw] for i, j in np.ndindex(th, tw)]
    return np.mean(parts, axis=0).transpose(0, 3, 1, 2)
