"""Caught by: test_ch03_output_size_counts_places, test_ch03_output_size_is_a_whole_number.

Divided without rounding down.
"""


def output_size(length, size, stride=1, padding=0):
    return (length + 2 * padding - size) / stride + 1
