"""Caught by: test_ch03_correlate_literally.

The filter is turned round: a convolution.
"""

from scipy import signal


def correlate(x, w):
    return signal.convolve2d(x, w, "valid")
