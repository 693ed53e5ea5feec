"""Caught by: test_ch06_count_work_by_counting.

As many outputs as pixels, as if there were zeros around the image.
"""


def count_work(size, shape):
    (height, width), (filters, channels, kh, kw) = size, shape
    outputs, pixels = height * width, channels * kh * kw
    return outputs * filters * pixels, outputs * pixels, height * kw * channels * width
