"""Caught by: test_ch07_predicted_as_the_lowest_of_equals.

Counter keeps equals in the order in which they come.
"""

from collections import Counter

import numpy as np


def predicted_as(predictions, labels, classes):
    def most(row, label):
        return Counter(row[labels == label].tolist()).most_common(1)[0][0] if label in labels else 0

    return np.array([[most(row, label) for label in range(classes)] for row in predictions])
