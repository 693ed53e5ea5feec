"""Caught by: test_ch18_p_by_hand, test_ch18_p_is_paired.

The signs that were found are not among those that are at least as large.
"""

from itertools import product

import numpy as np


def p_worse(new, old, margin):
    moved = np.asarray(new) - np.asarray(old) + margin
    means = [np.mean(np.array(signs) * moved) for signs in product((-1, 1), repeat=len(moved))]
    return np.mean(np.array(means) > moved.mean() + 1e-12)
