"""Caught by: test_ch06_patches_are_parts_of_the_pixels.

Strides count bytes, and not every number has eight of them.
"""

from numpy.lib.stride_tricks import as_strided


def all_patches(G, kh, step=1):
    rows, kw, channels, places, count = G.shape
    line = 8 * places * count
    shape = ((rows - kh) // step + 1, kh * kw * channels, places * count)
    return as_strided(G, shape, (step * kw * channels * line, line, 8), writeable=False)
