"""Caught by: test_ch03_receptive_field_by_touching_pixels.

As if all strides were 1: the distance of the places below is forgotten.
"""


def receptive_field(windows):
    r, j = 1, 1
    for size, stride in windows:
        r += size - 1
        j *= stride
    return r, j
