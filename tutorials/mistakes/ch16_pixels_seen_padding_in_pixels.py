"""Caught by: test_ch16_seen_border, test_ch16_seen_like_tinynet.

Padding of every layer counted in pixels of the image: above a stride a place of padding is several pixels wide.
"""


def pixels_seen(windows, place):
    first = last = place
    for size, stride, _ in reversed(windows):
        first, last = first * stride, last * stride + size - 1
    border = sum(padding for _, _, padding in windows)
    return first - border, last - border
