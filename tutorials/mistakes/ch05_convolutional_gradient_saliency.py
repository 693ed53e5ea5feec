"""Caught by: test_ch05_convolutional_gradient_by_hand, test_ch05_convolutional_gradient_of_batches.

The norm across the filters: one number a place, the saliency.
"""

import numpy as np


def convolutional_gradient(gradient):
    return np.sqrt(np.square(gradient).sum(axis=-3))
