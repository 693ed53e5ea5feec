"""Caught by: test_ch19_update_ratios_by_hand, test_ch19_update_ratios_of_a_history.

The mean of each weight's own ratio: weights near 0 decide everything.
"""

from itertools import pairwise

import numpy as np


def update_ratios(snapshots):
    return [float(np.mean(np.abs(after - before) / np.abs(before))) for before, after in pairwise(snapshots)]
