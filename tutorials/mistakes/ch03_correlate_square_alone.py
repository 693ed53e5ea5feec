"""Caught by: test_ch03_correlate_literally.

The height of the filter is used as its width as well.
"""

import numpy as np


def correlate(x, w):
    k = len(w)
    n, m = x.shape[0] - k + 1, x.shape[1] - k + 1
    z = np.zeros((n, m))
    for p in range(k):
        for q in range(k):
            z += w[p, q] * x[p : p + n, q : q + m]
    return z
