"""Caught by: test_ch05_class_means_one_by_one.

The sum of a class is divided by the number of all images.
"""

import numpy as np


def class_means(gradients, labels, classes):
    return np.stack([gradients[labels == c].sum(axis=0) / len(labels) for c in range(classes)])
