"""Caught by: test_ch18_folded_of_several_rows.

The mean of the rows' shares: a row that is next to nothing counts as much as one that is strong.
"""

import numpy as np


def folded_share(response, stride):
    moved = response - response.mean(axis=1, keepdims=True)
    power = np.abs(np.fft.fft(moved, axis=1)) ** 2
    above = np.abs(np.fft.fftfreq(response.shape[1])) > 0.5 / stride
    return np.mean(power[:, above].sum(axis=1) / power.sum(axis=1))
