"""Caught by: test_ch11_difference_target_of_zeros_and_ones.

No sigmoid ever puts out 0 or 1: the inverse is infinite there.
"""

import numpy as np
from scipy.special import logit


def difference_target(W, x, t, margin=1e-3):
    return x + (logit(t) - x @ W.T) @ np.linalg.pinv(W).T
