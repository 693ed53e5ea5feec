"""Caught by: test_ch09_expected_step_ends_on_the_border, test_ch09_expected_step_on_flat_ground.

The mean of the absolute values: as if one pixel moved and not all of them.
"""

import numpy as np


def expected_step(margins, gradients):
    fall = np.abs(gradients).mean(axis=(1, 2, 3))
    return np.where(fall > 0, margins / np.where(fall > 0, fall, 1), np.inf)
