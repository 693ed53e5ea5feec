"""Caught by: test_ch18_folded_of_several_rows.

One mean for all rows: where their own means differ, these count as power.
"""

import numpy as np


def folded_share(response, stride):
    moved = response - response.mean()
    power = (np.abs(np.fft.fft(moved, axis=1)) ** 2).sum(axis=0)
    above = np.abs(np.fft.fftfreq(response.shape[1])) > 0.5 / stride
    return power[above].sum() / power.sum()
