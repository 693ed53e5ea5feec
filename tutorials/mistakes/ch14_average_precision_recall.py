"""Caught by: test_ch14_precision_of_a_flat_map, test_ch14_precision_of_many.

The share of the mask that has been found, for the share of the guesses that are right.
"""

import numpy as np


def average_precision(heights, mask):
    return np.mean([mask[heights >= height].sum() / mask.sum() for height in heights[mask]])
