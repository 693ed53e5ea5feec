"""Caught by: test_ch18_copies_of_what_is_kept.

Compared with every unit before it, copies too: along a chain the whole layer goes.
"""

import numpy as np


def copies(outputs, limit=0.95):
    table, found, before = np.corrcoef(outputs), np.full(len(outputs), -1), []
    for unit in np.argsort(-outputs.var(axis=1), kind="stable"):
        alike = np.abs(table[unit, before])
        if len(before) and alike.max() >= limit:
            found[unit] = before[int(alike.argmax())]
        before.append(unit)
    return found
