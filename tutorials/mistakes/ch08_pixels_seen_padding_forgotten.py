"""Caught by: test_ch08_pixels_in_padding.

The first window begins in the padding, not at the first pixel.
"""


def pixels_seen(windows, place, side):
    r, j = 1, 1
    for size, stride, _ in windows:
        r += (size - 1) * j
        j *= stride
    return place * j, min(place * j + r, side)
