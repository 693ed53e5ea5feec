"""Caught by: test_ch04_cross_entropy_of_large_logits.

Softmax by the formula as it stands: exp(1000) is more than a float can hold.
"""

import numpy as np


def cross_entropy(z, labels):
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    seed = p - np.eye(z.shape[1])[labels]
    return -np.log(p[np.arange(len(z)), labels]).mean(), seed / len(z)
