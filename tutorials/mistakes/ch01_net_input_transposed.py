"""Caught by: test_ch01_net_input_of_one_vector, test_ch01_net_input_of_a_batch.

W is used as if it had shape (inputs, units).
"""


def net_input(W, a, b):
    return a @ W + b
