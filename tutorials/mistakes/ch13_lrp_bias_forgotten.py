"""Caught by: test_ch13_lrp_keeps_what_biases_are_worth.

The sum without its bias: all relevance goes to the inputs, also what the bias is worth.
"""

import numpy as np


def lrp_epsilon(W, b, x, relevance, eps):
    z = W @ x
    return x * (W.T @ (relevance / (z + np.where(z >= 0, eps, -eps))))
