"""Caught by: test_ch13_lrp_keeps_what_biases_are_worth.

Only positive weights hand relevance down.
"""

import numpy as np


def lrp_epsilon(W, b, x, relevance, eps):
    z = W @ x + b
    return x * (np.maximum(W, 0).T @ (relevance / (z + np.where(z >= 0, eps, -eps))))
