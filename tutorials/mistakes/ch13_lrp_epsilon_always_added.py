"""Caught by: test_ch13_lrp_by_hand, test_ch13_lrp_keeps_what_biases_are_worth.

Epsilon is added to negative sums too, which moves them towards 0: what should calm down blows up.
"""

import numpy as np


def lrp_epsilon(W, b, x, relevance, eps):
    return x * (W.T @ (relevance / (np.asarray(W @ x + b) + eps)))
