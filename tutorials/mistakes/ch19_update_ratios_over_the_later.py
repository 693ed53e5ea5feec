"""Caught by: test_ch19_update_ratios_by_hand, test_ch19_update_ratios_of_a_history.

Divided by the norm of the later snapshot.
"""

from itertools import pairwise

import numpy as np


def update_ratios(snapshots):
    return [np.linalg.norm(after - before) / np.linalg.norm(after) for before, after in pairwise(snapshots)]
