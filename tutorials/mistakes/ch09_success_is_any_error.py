"""Caught by: test_ch09_success_by_hand.

Any wrong class is counted as a hit.
"""

import numpy as np


def success(predictions, labels, before):
    counted = (before == labels) & (np.arange(len(predictions))[:, None] != labels)
    number = counted.sum(axis=1)
    return np.where(number > 0, (counted & (predictions != labels)).sum(axis=1) / np.maximum(number, 1), np.nan)
