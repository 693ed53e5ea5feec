"""Caught by: test_ch14_precision_by_hand, test_ch14_precision_of_a_flat_map, test_ch14_precision_of_many.

The precision of as many guesses as the mask has pixels.
"""

import numpy as np


def average_precision(heights, mask):
    order = np.argsort(-heights.ravel(), kind="stable")
    return mask.ravel()[order[: mask.sum()]].mean()
