"""Caught by: test_ch19_update_ratios_by_hand, test_ch19_update_ratios_of_a_history.

How much the norm changes, which is nothing for weights that only turn.
"""

from itertools import pairwise

import numpy as np


def update_ratios(snapshots):
    norms = [np.linalg.norm(weights) for weights in snapshots]
    return [abs(after - before) / before for before, after in pairwise(norms)]
