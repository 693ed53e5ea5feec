"""Caught by: test_ch17_spectrum_of_opposites, test_ch17_spectrum_is_tinynets.

NumPy's own scale, larger by the root of the number of pixels.
"""

import numpy as np


def mean_spectrum(images):
    return np.abs(np.fft.rfft2(images)).mean(axis=0)
