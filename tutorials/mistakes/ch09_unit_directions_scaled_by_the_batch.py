"""Caught by: test_ch09_unit_directions_of_tiny_numbers.

The squares of tiny gradients vanish still, if what they are scaled by is the largest entry of another image.
"""

import numpy as np


def unit_directions(gradients):
    largest = abs(gradients).max()
    scaled = gradients / (largest if largest > 0 else 1)
    lengths = np.sqrt((scaled**2).sum(axis=(1, 2, 3), keepdims=True))
    return scaled / np.where(lengths > 0, lengths, 1)
