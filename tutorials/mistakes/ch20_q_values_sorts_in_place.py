"""Caught by: test_ch20_q_by_hand, test_ch20_q_of_many.

The p-values that were given are in another order afterwards.
"""

import numpy as np


def q_values(p):
    order = np.argsort(p)
    p.sort()
    found = np.empty(len(p))
    found[order] = np.minimum.accumulate((p * len(p) / np.arange(1, len(p) + 1))[::-1])[::-1]
    return found
