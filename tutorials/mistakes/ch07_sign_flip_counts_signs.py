"""Caught by: test_ch07_sign_flip_counts_ties, test_ch07_sign_flip_uses_the_sizes.

A sign test: how large the differences are plays no part.
"""

import itertools

import numpy as np


def sign_flip_p_value(differences):
    signs = np.array(list(itertools.product([1, -1], repeat=len(differences))))
    return np.mean(signs.sum(axis=1) >= np.sign(differences).sum())
