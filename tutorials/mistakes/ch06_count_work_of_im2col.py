"""Caught by: test_ch06_count_work_by_counting.

G counted as im2col's matrix: the rows that patches have in common are counted once for each of them.
"""


def count_work(size, shape):
    (height, width), (filters, channels, kh, kw) = size, shape
    copied = (height - kh + 1) * (width - kw + 1) * channels * kh * kw
    return filters * copied, copied, copied
