"""Caught by: test_ch09_smallest_step_by_hand, test_ch09_smallest_step_of_the_steadfast.

Which of the steps it is, counted from 0, instead of its size.
"""

import numpy as np


def smallest_step(fooled, steps):
    return np.where(np.any(fooled, axis=0), np.argmax(fooled, axis=0), np.inf)
