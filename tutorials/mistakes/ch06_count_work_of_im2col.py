"""Caught by: test_ch06_count_work_by_counting.

Each patch copied whole: the rows that patches have in common are counted once for each of them.
"""


def count_work(size, shape, th, tw):
    (height, width), (filters, channels, kh, kw) = size, shape
    ph, pw = th + kh - 1, tw + kw - 1
    tiles = (height - kh + 1) // th * ((width - kw + 1) // tw)
    return tiles * filters * th * tw * ph * pw * channels, tiles * ph * pw * channels
