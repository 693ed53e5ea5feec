"""Caught by: test_ch19_update_ratios_by_hand, test_ch19_update_ratios_of_a_history.

From the first snapshot instead of the one before: a way, not an update.
"""

import numpy as np


def update_ratios(snapshots):
    start = snapshots[0]
    return [np.linalg.norm(after - start) / np.linalg.norm(start) for after in snapshots[1:]]
