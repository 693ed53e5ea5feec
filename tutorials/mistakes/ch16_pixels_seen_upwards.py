"""Caught by: test_ch16_seen_strides, test_ch16_seen_border, test_ch16_seen_like_tinynet.

The walk starts with the lowest layer, as if the network were upside down.
"""


def pixels_seen(windows, place):
    first = last = place
    for size, stride, padding in windows:
        first, last = first * stride - padding, last * stride - padding + size - 1
    return first, last
