"""Caught by: test_ch07_sign_flip_all_of_one_sign, test_ch07_sign_flip_counts_ties, test_ch07_sign_flip_uses_the_sizes.

Two-sided: it would also call an order surprising that harms less.
"""

import itertools

import numpy as np


def sign_flip_p_value(differences):
    signs = np.array(list(itertools.product([1, -1], repeat=len(differences))))
    means = signs @ abs(differences) / len(differences)
    return np.mean(abs(means) >= abs(differences.mean()) - 1e-12)
