"""Caught by: test_ch03_input_adjoint_law, test_ch03_input_adjoint_stamps_the_filter.

The shape is right, but the deltas are correlated with the filter instead of convolved.
"""

from scipy import signal


def input_adjoint(dz, w):
    return signal.correlate2d(dz, w, "full")
