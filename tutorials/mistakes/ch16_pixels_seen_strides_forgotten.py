"""Caught by: test_ch16_seen_strides, test_ch16_seen_border, test_ch16_seen_like_tinynet.

Right for strides of 1: a pool in front does not move what a place sees.
"""


def pixels_seen(windows, place):
    first = last = place
    for size, _, padding in reversed(windows):
        first, last = first - padding, last - padding + size - 1
    return first, last
