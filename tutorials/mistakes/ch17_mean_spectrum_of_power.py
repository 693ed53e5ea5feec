"""Caught by: test_ch17_spectrum_is_tinynets.

The root of the mean power: loud images count more.
"""

import numpy as np


def mean_spectrum(images):
    return np.sqrt(np.mean(np.abs(np.fft.rfft2(images, norm="ortho")) ** 2, axis=0))
