"""Caught by: test_ch17_adjoint_of_an_odd_width, test_ch17_adjoint_of_an_even_width.

As if every column stood for itself alone.
"""

import numpy as np


def adjoint_of_irfft2(g):
    return np.fft.rfft2(g, norm="ortho")
