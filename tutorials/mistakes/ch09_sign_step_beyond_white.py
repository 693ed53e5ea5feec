"""Caught by: test_ch09_sign_step_stops_at_black_and_white.

Not clipped: blacker than black and whiter than white.
"""

import numpy as np


def sign_step(x, gradients, eps):
    return x + eps * np.sign(gradients)
