"""Caught by: test_ch07_sign_flip_all_of_one_sign, test_ch07_sign_flip_counts_ties, test_ch07_sign_flip_uses_the_sizes.

More extreme than what was observed, which is thus not counted: a probability of 0, which no test can give.
"""

import itertools

import numpy as np


def sign_flip_p_value(differences):
    signs = np.array(list(itertools.product([1, -1], repeat=len(differences))))
    return np.mean(signs @ abs(differences) / len(differences) > differences.mean() + 1e-12)
