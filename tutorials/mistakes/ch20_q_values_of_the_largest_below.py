"""Caught by: test_ch20_q_by_hand, test_ch20_q_of_equals, test_ch20_q_of_many.

The largest over all smaller p-values, which believes less than it could.
"""

import numpy as np


def q_values(p):
    order = np.argsort(p)
    found = np.empty(len(p))
    found[order] = np.maximum.accumulate(p[order] * len(p) / np.arange(1, len(p) + 1))
    return found
