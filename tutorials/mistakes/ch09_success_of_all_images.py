"""Caught by: test_ch09_success_by_hand, test_ch09_success_without_a_step.

Images that were predicted as the target before are counted as hits.
"""

import numpy as np


def success(predictions, labels, before):
    targets = np.arange(len(predictions))[:, None]
    others = targets != labels
    hits = (others & (predictions == targets)).sum(axis=1)
    return np.where(others.any(axis=1), hits / np.maximum(others.sum(axis=1), 1), np.nan)
