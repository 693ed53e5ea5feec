"""Caught by: test_ch03_receptive_field_by_touching_pixels.

A window of k places covers k - 1 distances, not k.
"""


def receptive_field(windows):
    r, j = 1, 1
    for size, stride in windows:
        r += size * j
        j *= stride
    return r, j
