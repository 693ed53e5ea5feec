"""Caught by: test_ch06_count_work_by_counting.

The multiplications that are needed; a product of matrices also multiplies T's zeros.
"""


def count_work(size, shape, th, tw):
    (height, width), (filters, channels, kh, kw) = size, shape
    outputs = (height - kh + 1) * (width - kw + 1)
    return outputs * filters * channels * kh * kw, height * (tw + kw - 1) * channels * ((width - kw + 1) // tw)
