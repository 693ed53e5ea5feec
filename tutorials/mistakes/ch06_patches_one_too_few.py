"""Caught by: test_ch06_patches_are_parts_of_the_pixels.

The last place is forgotten: from the first to the last start there is one more than there are steps between them.
"""

import numpy as np
from numpy.lib.stride_tricks import as_strided


def all_patches(G, kh, step=1):
    rows, kw, channels, places, count = G.shape
    row, _, line, _, number = G.strides
    shape = (max((rows - kh) // step, 0), kh * kw * channels, places * count)
    return as_strided(G, shape, (step * row, line, number), writeable=False) if shape[0] else np.zeros(shape)
