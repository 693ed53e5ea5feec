"""Caught by: test_ch05_class_means_one_by_one, test_ch05_class_means_let_signs_cancel.

The mean of the absolute values: another quantity.
"""

import numpy as np


def class_means(gradients, labels, classes):
    return np.stack([abs(gradients[labels == c]).mean(axis=0) for c in range(classes)])
