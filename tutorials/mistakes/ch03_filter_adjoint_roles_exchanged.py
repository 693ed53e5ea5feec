"""Caught by: test_ch03_filter_adjoint_law.

The deltas are taken for the image and the image for the filter: SciPy turns the answer round.
"""

from scipy import signal


def filter_adjoint(dz, x):
    return signal.correlate2d(dz, x, "valid")
