"""Caught by: test_ch04_cross_entropy_value, test_ch04_cross_entropy_seed, test_ch04_cross_entropy_of_large_logits.

The largest logit is taken off in place, so the trace of the network would change.
"""

import numpy as np


def cross_entropy(z, labels):
    z -= z.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    seed = np.exp(log_p) - np.eye(z.shape[1])[labels]
    return -log_p[np.arange(len(z)), labels].mean(), seed / len(z)
