"""Caught by: test_ch14_alike_leaves_out_what_is_no_answer.

Only the first of the two maps may be flat.
"""

import numpy as np
from scipy import stats


def alike(one, other):
    found = []
    for first, second in zip(one, other, strict=True):
        if np.ptp(first) > 0:
            ranks = stats.rankdata(first.ravel()), stats.rankdata(second.ravel())
            found.append(np.corrcoef(*ranks)[0, 1])
    return np.mean(found)
