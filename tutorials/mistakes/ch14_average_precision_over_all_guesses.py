"""Caught by: test_ch14_precision_by_hand, test_ch14_precision_of_many.

The mean over all guesses, the wrong ones too.
"""

import numpy as np


def average_precision(heights, mask):
    return np.mean([mask[heights >= height].mean() for height in heights.ravel()])
