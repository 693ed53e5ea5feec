"""Caught by: test_ch18_folded_of_waves, test_ch18_folded_of_several_rows.

The frequency 0 counts: a response that is bright on the whole seems to fold less, the limit counts as folded.
"""

import numpy as np


def folded_share(response, stride):
    power = (np.abs(np.fft.fft(response, axis=1)) ** 2).sum(axis=0)
    above = np.abs(np.fft.fftfreq(response.shape[1])) > 0.5 / stride
    return power[above].sum() / power.sum() if stride > 1 else 1.0
