"""Caught by: test_ch07_sign_flip_counts_ties.

Means that are equal on paper differ in the last digit, and half of them are lost.
"""

import itertools

import numpy as np


def sign_flip_p_value(differences):
    signs = np.array(list(itertools.product([1, -1], repeat=len(differences))))
    return np.mean((signs * abs(differences)).mean(axis=1) >= differences.mean())
