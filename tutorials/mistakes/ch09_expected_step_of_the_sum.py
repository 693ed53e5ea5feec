"""Caught by: test_ch09_expected_step_ends_on_the_border.

The sum of the gradient, in which pixels of both signs cancel.
"""

import numpy as np


def expected_step(margins, gradients):
    fall = gradients.sum(axis=(1, 2, 3))
    return np.where(fall != 0, margins / np.where(fall != 0, fall, 1), np.inf)
