"""Caught by: test_ch07_predicted_as_the_most_frequent, test_ch07_predicted_as_the_lowest_of_equals.

The mean of class numbers: halfway from Ada to Cleo is not Ben.
"""

import numpy as np


def predicted_as(predictions, labels, classes):
    means = [[row[labels == label].mean() for label in range(classes)] for row in predictions]
    return np.round(means).astype(int)
