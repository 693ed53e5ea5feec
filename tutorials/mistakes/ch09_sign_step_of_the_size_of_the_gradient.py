"""Caught by: test_ch09_sign_step_by_hand, test_ch09_sign_step_stops_at_black_and_white.

The gradient divided by its largest entry: one pixel moves by eps, the others by less.
"""

import numpy as np


def sign_step(x, gradients, eps):
    return np.clip(x + eps * gradients / abs(gradients).max() / 2, 0, 1)
