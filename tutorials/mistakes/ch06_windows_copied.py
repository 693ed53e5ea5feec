"""Caught by: test_ch06_windows_copy_nothing.

Right in every number, but each pixel is copied once for each window that it is in.
"""

import numpy as np


def windows(x, kh, kw):
    n, m = x.shape[0] - kh + 1, x.shape[1] - kw + 1
    columns = [np.stack([x[p : p + n, q : q + m] for q in range(kw)], axis=-1) for p in range(kh)]
    return np.stack(columns, axis=-2)
