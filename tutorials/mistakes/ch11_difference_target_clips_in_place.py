"""Caught by: test_ch11_difference_target_of_zeros_and_ones.

The targets that the caller goes on with are no longer 0 and 1.
"""

import numpy as np
from scipy.special import logit


def difference_target(W, x, t, margin=1e-3):
    np.clip(t, margin, 1 - margin, out=t)
    return x + (logit(t) - x @ W.T) @ np.linalg.pinv(W).T
