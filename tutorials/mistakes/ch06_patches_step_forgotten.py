"""Caught by: test_ch06_patches_are_parts_of_the_pixels.

As many patches as there should be, but each one row below the last, whatever the step.
"""

from numpy.lib.stride_tricks import as_strided


def all_patches(G, kh, step=1):
    rows, kw, channels, places, count = G.shape
    row, _, line, _, number = G.strides
    shape = ((rows - kh) // step + 1, kh * kw * channels, places * count)
    return as_strided(G, shape, (row, line, number), writeable=False)
