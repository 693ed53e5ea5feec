"""Caught by: test_ch18_folded_of_waves.

rfft keeps one of each pair of frequencies, but the highest has no partner.
"""

import numpy as np


def folded_share(response, stride):
    moved = response - response.mean(axis=1, keepdims=True)
    power = (np.abs(np.fft.rfft(moved, axis=1)) ** 2).sum(axis=0)
    return power[np.fft.rfftfreq(response.shape[1]) > 0.5 / stride].sum() / power.sum()
