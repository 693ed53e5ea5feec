"""Caught by: test_ch07_predicted_as_the_most_frequent.

What most images are predicted as over all steps together: the line of a person can never bend.
"""

import numpy as np


def predicted_as(predictions, labels, classes):
    found = [np.bincount(predictions[:, labels == c].ravel(), minlength=classes).argmax() for c in range(classes)]
    return np.tile(found, (len(predictions), 1))
