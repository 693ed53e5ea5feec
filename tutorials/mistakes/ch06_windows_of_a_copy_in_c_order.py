"""Caught by: test_ch06_windows_copy_nothing.

An image that lies in C order is not copied by this, any other is; its windows are right, and see no change.
"""

import numpy as np
from numpy.lib.stride_tricks import as_strided


def windows(x, kh, kw):
    x = np.ascontiguousarray(x)
    return as_strided(x, (x.shape[0] - kh + 1, x.shape[1] - kw + 1, kh, kw), 2 * x.strides, writeable=False)
