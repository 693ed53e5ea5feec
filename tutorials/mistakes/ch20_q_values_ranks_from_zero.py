"""Caught by: test_ch20_q_by_hand, test_ch20_q_of_equals, test_ch20_q_of_many.

The ranks begin with 0, so that the smallest p is divided by nothing.
"""

import numpy as np


def q_values(p):
    order = np.argsort(p)
    scaled = p[order] * len(p) / np.maximum(np.arange(len(p)), 1)
    found = np.empty(len(p))
    found[order] = np.minimum.accumulate(scaled[::-1])[::-1]
    return found
