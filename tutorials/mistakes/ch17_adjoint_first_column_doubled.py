"""Caught by: test_ch17_adjoint_of_an_odd_width, test_ch17_adjoint_of_an_even_width.

The first column is its own mirror, and is doubled all the same.
"""

import numpy as np


def adjoint_of_irfft2(g):
    found = 2 * np.fft.rfft2(g, norm="ortho")
    if g.shape[1] % 2 == 0:
        found[:, -1] /= 2
    return found
