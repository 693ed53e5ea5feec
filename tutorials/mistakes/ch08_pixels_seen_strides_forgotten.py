"""Caught by: test_ch08_pixels_thesis, test_ch08_pixels_strides, test_ch08_pixels_in_padding, test_ch08_pixels_by_slope.

The size is right, but the place is counted in pixels although places are further apart.
"""


def pixels_seen(windows, place, side):
    start, r, j = 0, 1, 1
    for size, stride, padding in windows:
        start -= padding * j
        r += (size - 1) * j
        j *= stride
    return max(start + place, 0), min(start + place + r, side)
