"""Caught by: test_ch04_cross_entropy_seed, test_ch04_cross_entropy_of_large_logits.

The value is a mean, but the seed belongs to the sum: 1/N is forgotten.
"""

import numpy as np
from scipy.special import log_softmax


def cross_entropy(z, labels):
    log_p = log_softmax(z, axis=1)
    return -log_p[np.arange(len(z)), labels].mean(), np.exp(log_p) - np.eye(z.shape[1])[labels]
