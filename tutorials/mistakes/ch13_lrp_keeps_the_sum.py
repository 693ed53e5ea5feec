"""Caught by: test_ch13_lrp_by_hand, test_ch13_lrp_keeps_what_biases_are_worth, test_ch13_lrp_of_a_sum_of_zero.

Scaled so that the inputs get all relevance, and the bias nothing.
"""

import numpy as np


def lrp_epsilon(W, b, x, relevance, eps):
    z = W @ x + b
    found = x * (W.T @ (relevance / (z + np.where(z >= 0, eps, -eps))))
    return found * relevance.sum() / found.sum()
