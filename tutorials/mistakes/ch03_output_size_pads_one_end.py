"""Caught by: test_ch03_output_size_counts_places.

The padding is added at one end alone.
"""


def output_size(length, size, stride=1, padding=0):
    return (length + padding - size) // stride + 1
