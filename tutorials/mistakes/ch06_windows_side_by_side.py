"""Caught by: test_ch06_windows_literally, test_ch06_windows_copy_nothing.

From one window to the next by a whole window, as a pool does: the windows should overlap.
"""

from numpy.lib.stride_tricks import as_strided


def windows(x, kh, kw):
    shape = ((x.shape[0] - 1) // kh, (x.shape[1] - 1) // kw, kh, kw)
    down, right = x.strides
    return as_strided(x, shape, (kh * down, kw * right, down, right), writeable=False)
