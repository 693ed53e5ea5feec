"""Caught by: test_ch06_patches_copy_nothing.

Each slice is a view, but stacking them copies: every row of pixels kh times.
"""

import numpy as np


def all_patches(G, kh, step=1):
    starts = range(0, len(G) - kh + 1, step)
    return np.stack([G[start : start + kh].reshape(-1, G.shape[3] * G.shape[4]) for start in starts])
