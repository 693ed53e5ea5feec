"""Caught by: test_ch18_p_by_hand, test_ch18_p_is_paired.

A design that is far worse counts as much as one that is far better.
"""

from itertools import product

import numpy as np


def p_worse(new, old, margin):
    moved = np.asarray(new) - np.asarray(old) + margin
    means = [abs(np.mean(np.array(signs) * moved)) for signs in product((-1, 1), repeat=len(moved))]
    return np.mean(np.array(means) >= abs(moved.mean()) - 1e-12)
