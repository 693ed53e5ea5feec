"""Caught by: test_ch19_update_ratios_of_a_history.

The largest singular value, which NumPy calls the norm of order 2 of a matrix.
"""

from itertools import pairwise

import numpy as np


def update_ratios(snapshots):
    return [np.linalg.norm(after - before, 2) / np.linalg.norm(before, 2) for before, after in pairwise(snapshots)]
