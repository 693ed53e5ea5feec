"""Caught by: test_ch08_pixels_in_padding.

Rows of the padding are counted as rows of the image.
"""


def pixels_seen(windows, place, side):
    start, r, j = 0, 1, 1
    for size, stride, padding in windows:
        start -= padding * j
        r += (size - 1) * j
        j *= stride
    return start + place * j, start + place * j + r
