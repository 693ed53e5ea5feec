"""Caught by: test_ch16_seen_border, test_ch16_seen_like_tinynet.

Pixels in front of the image are cut off on the way down.
"""


def pixels_seen(windows, place):
    first = last = place
    for size, stride, padding in reversed(windows):
        first, last = max(first * stride - padding, 0), last * stride - padding + size - 1
    return first, last
