"""Caught by: test_ch03_filter_adjoint_law.

The mean over the places instead of their sum.
"""

from scipy import signal


def filter_adjoint(dz, x):
    return signal.correlate2d(x, dz, "valid") / dz.size
