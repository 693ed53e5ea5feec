"""Caught by: test_ch18_p_by_hand.

Tests for "better", not for "as good": a design within the margin fails.
"""

from itertools import product

import numpy as np


def p_worse(new, old, margin):
    moved = np.asarray(new) - np.asarray(old)
    means = [np.mean(np.array(signs) * moved) for signs in product((-1, 1), repeat=len(moved))]
    return np.mean(np.array(means) >= moved.mean() - 1e-12)
