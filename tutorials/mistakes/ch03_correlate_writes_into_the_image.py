"""Caught by: test_ch03_correlate_literally, test_ch03_correlate_leaves_its_arguments_alone.

A slice is a view: multiplying it in place multiplies the image.
"""

import numpy as np


def correlate(x, w):
    n, m = x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1
    z = np.zeros((n, m))
    for p, q in np.ndindex(w.shape):
        shifted = x[p : p + n, q : q + m]
        shifted *= w[p, q]
        z += shifted
    return z
