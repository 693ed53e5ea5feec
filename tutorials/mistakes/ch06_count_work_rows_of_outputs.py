"""Caught by: test_ch06_count_work_by_counting.

A row of G for each row of outputs, where there is one for each row of the image.
"""


def count_work(size, shape):
    (height, width), (filters, channels, kh, kw) = size, shape
    down, right = height - kh + 1, width - kw + 1
    copied = down * right * channels * kh * kw
    return filters * copied, copied, down * kw * channels * right
