"""Caught by: test_ch14_precision_of_a_flat_map, test_ch14_precision_of_many.

Equal values are guessed one after the other, from the top left: a flat map finds what is in the corner.
"""

import numpy as np


def average_precision(heights, mask):
    right = mask.ravel()[np.argsort(-heights.ravel(), kind="stable")]
    return (right.cumsum() / np.arange(1, right.size + 1))[right].mean()
