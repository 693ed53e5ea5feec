"""Caught by: test_ch09_success_by_hand.

Images that were wrong before are counted too, as long as they were not predicted as the target.
"""

import numpy as np


def success(predictions, labels, before):
    shares = []
    for target, found in enumerate(predictions):
        counted = (labels != target) & (before != target)
        shares.append(np.mean(found[counted] == target) if counted.any() else np.nan)
    return np.array(shares)
