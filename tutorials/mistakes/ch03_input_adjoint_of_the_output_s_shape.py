"""Caught by: test_ch03_input_adjoint_law, test_ch03_input_adjoint_stamps_the_filter.

What hangs over the output is cut off, where the image is larger than the output.
"""

from scipy import signal


def input_adjoint(dz, w):
    return signal.convolve2d(dz, w, "same")
