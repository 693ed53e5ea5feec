"""Caught by: test_ch17_spectrum_of_opposites, test_ch17_spectrum_is_tinynets.

All columns, also those that mirror others.
"""

import numpy as np


def mean_spectrum(images):
    return np.abs(np.fft.fft2(images, norm="ortho")).mean(axis=0)
