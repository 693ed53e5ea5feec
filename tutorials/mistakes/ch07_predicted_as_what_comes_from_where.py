"""Caught by: test_ch07_predicted_as_the_most_frequent.

Turned round: which class most of the images come from that are predicted as c.
"""

import numpy as np


def predicted_as(predictions, labels, classes):
    found = [[np.bincount(labels[row == c], minlength=classes).argmax() for c in range(classes)] for row in predictions]
    return np.array(found)
