"""Caught by: test_ch14_alike_by_ranks, test_ch14_alike_with_ties.

The correlation of the values: a single bright pixel decides it.
"""

import numpy as np


def alike(one, other):
    pairs = [(np.ravel(a), np.ravel(b)) for a, b in zip(one, other, strict=True) if np.ptp(a) and np.ptp(b)]
    return np.mean([np.corrcoef(*pair)[0, 1] for pair in pairs])
