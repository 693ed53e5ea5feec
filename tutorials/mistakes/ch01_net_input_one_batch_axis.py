"""Caught by: test_ch01_net_input_of_one_vector, test_ch01_net_input_of_a_batch.

All leading axes are made one, and stay one.
"""


def net_input(W, a, b):
    return a.reshape(-1, W.shape[1]) @ W.T + b
