"""Caught by: test_ch18_folded_of_waves, test_ch18_folded_of_several_rows.

The share of the sizes, not of their squares.
"""

import numpy as np


def folded_share(response, stride):
    moved = response - response.mean(axis=1, keepdims=True)
    sizes = np.abs(np.fft.fft(moved, axis=1)).sum(axis=0)
    return sizes[np.abs(np.fft.fftfreq(response.shape[1])) > 0.5 / stride].sum() / sizes.sum()
