"""Caught by: test_ch13_lrp_by_hand, test_ch13_lrp_keeps_what_biases_are_worth.

The size of each sum: relevance that comes from below zero changes its sign.
"""


def lrp_epsilon(W, b, x, relevance, eps):
    return x * (W.T @ (relevance / (abs(W @ x + b) + eps)))
