"""Caught by: test_ch03_output_size_counts_places.

Rounded up: the last window hangs over the edge.
"""


def output_size(length, size, stride=1, padding=0):
    return -(-(length + 2 * padding - size) // stride) + 1
