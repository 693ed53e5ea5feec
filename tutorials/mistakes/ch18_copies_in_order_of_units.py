"""Caught by: test_ch18_copies_by_hand.

The first unit is kept, not that of the largest variance.
"""

import numpy as np


def copies(outputs, limit=0.95):
    table, found, kept = np.corrcoef(outputs), np.full(len(outputs), -1), []
    for unit in range(len(outputs)):
        alike = np.abs(table[unit, kept])
        if len(kept) and alike.max() >= limit:
            found[unit] = kept[int(alike.argmax())]
        else:
            kept.append(unit)
    return found
