"""Caught by: test_ch16_seen_strides, test_ch16_seen_border, test_ch16_seen_like_tinynet.

The last pixel is the one behind the window.
"""


def pixels_seen(windows, place):
    first = last = place
    for size, stride, padding in reversed(windows):
        first, last = first * stride - padding, last * stride - padding + size
    return first, last
