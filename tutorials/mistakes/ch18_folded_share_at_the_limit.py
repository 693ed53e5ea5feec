"""Caught by: test_ch18_folded_of_waves.

What lies exactly at the limit is counted as folded.
"""

import numpy as np


def folded_share(response, stride):
    moved = response - response.mean(axis=1, keepdims=True)
    power = (np.abs(np.fft.fft(moved, axis=1)) ** 2).sum(axis=0)
    return power[np.abs(np.fft.fftfreq(response.shape[1])) >= 0.5 / stride].sum() / power.sum()
