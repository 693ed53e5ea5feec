"""Caught by: test_ch11_difference_target_of_zeros_and_ones.

A margin of its own, whatever is asked for.
"""

import numpy as np
from scipy.special import logit


def difference_target(W, x, t, margin=1e-3):
    return x + (logit(np.clip(t, 1e-3, 1 - 1e-3)) - x @ W.T) @ np.linalg.pinv(W).T
