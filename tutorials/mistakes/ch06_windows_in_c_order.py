"""Caught by: test_ch06_windows_literally, test_ch06_windows_copy_nothing.

Strides worked out from the shape, as if every image lay in C order; those of the array itself say how it lies.
"""

from numpy.lib.stride_tricks import as_strided


def windows(x, kh, kw):
    height, width = x.shape
    down, right = width * x.itemsize, x.itemsize
    return as_strided(x, (height - kh + 1, width - kw + 1, kh, kw), (down, right, down, right), writeable=False)
