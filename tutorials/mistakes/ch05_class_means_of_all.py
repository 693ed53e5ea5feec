"""Caught by: test_ch05_class_means_one_by_one.

Divided by the number of all images instead of those of the class.
"""

import numpy as np


def class_means(gradients, labels, classes):
    return np.stack([gradients[labels == c].sum(axis=0) / len(labels) for c in range(classes)])
