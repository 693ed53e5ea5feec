"""Caught by: test_ch09_sign_step_by_hand.

Pixels that do not matter go down as well.
"""

import numpy as np


def sign_step(x, gradients, eps):
    return np.clip(x + eps * np.where(gradients > 0, 1, -1), 0, 1)
