"""Caught by: test_ch03_receptive_field_by_touching_pixels.

The stride of a window spreads the places above it, not its own pixels: r comes first.
"""


def receptive_field(windows):
    r, j = 1, 1
    for size, stride in windows:
        j *= stride
        r += (size - 1) * j
    return r, j
