"""Caught by: test_ch18_copies_by_hand.

The negative of a unit says the same as the unit, and is missed without the size.
"""

import numpy as np


def copies(outputs, limit=0.95):
    table, found, kept = np.corrcoef(outputs), np.full(len(outputs), -1), []
    for unit in np.argsort(-outputs.var(axis=1), kind="stable"):
        alike = table[unit, kept]
        if len(kept) and alike.max() >= limit:
            found[unit] = kept[int(alike.argmax())]
        else:
            kept.append(unit)
    return found
