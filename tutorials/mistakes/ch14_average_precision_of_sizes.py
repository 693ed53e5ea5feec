"""Caught by: test_ch14_precision_of_many.

By the size of the values: what speaks most against the class is guessed first as well.
"""

import numpy as np


def average_precision(heights, mask):
    sizes = np.abs(heights)
    return np.mean([mask[sizes >= size].mean() for size in sizes[mask]])
