"""Caught by: test_ch08_highest_place_is_not_the_lowest, test_ch08_highest_place_of_a_map.

The place that the lengths over all filters are highest at, and there the highest filter: saliency, another question.
"""

import numpy as np


def highest_place(gradient):
    row, column = np.unravel_index(np.linalg.norm(gradient, axis=0).argmax(), gradient.shape[1:])
    return gradient[:, row, column].argmax(), row, column
