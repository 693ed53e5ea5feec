"""Caught by: test_ch04_cross_entropy_value, test_ch04_cross_entropy_of_large_logits, test_ch04_cross_entropy_seed.

Without the minus sign, as the thesis prints it; the seed is right for the loss.
"""

import numpy as np
from scipy.special import log_softmax


def cross_entropy(z, labels):
    log_p = log_softmax(z, axis=1)
    seed = np.exp(log_p) - np.eye(z.shape[1])[labels]
    return log_p[np.arange(len(z)), labels].mean(), seed / len(z)
