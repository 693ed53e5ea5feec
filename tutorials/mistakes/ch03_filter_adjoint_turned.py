"""Caught by: test_ch03_filter_adjoint_law.

A convolution: the gradient of the filter, turned round.
"""

from scipy import signal


def filter_adjoint(dz, x):
    return signal.convolve2d(x, dz, "valid")
