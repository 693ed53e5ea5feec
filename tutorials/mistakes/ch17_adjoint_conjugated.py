"""Caught by: test_ch17_adjoint_of_an_odd_width, test_ch17_adjoint_of_an_even_width.

The coefficients of the mirrored picture.
"""

import numpy as np


def adjoint_of_irfft2(g):
    found = np.fft.rfft2(g, norm="ortho").conj()
    found[:, 1 : (g.shape[1] + 1) // 2] *= 2
    return found
