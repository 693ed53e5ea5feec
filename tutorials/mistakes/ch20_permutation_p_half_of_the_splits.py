"""Caught by: test_ch20_splits_unequal, test_ch20_splits_of_many.

The first network stays in its group, as if the mirror image of a split were never another one.
"""

from itertools import combinations

import numpy as np


def permutation_p(a, b):
    both, found = np.concatenate([a, b]), []
    observed = abs(np.mean(a) - np.mean(b))
    for others in combinations(range(1, len(both)), len(a) - 1):
        first = np.isin(np.arange(len(both)), [0, *others])
        found.append(abs(both[first].mean() - both[~first].mean()) >= observed - 1e-9)
    return np.mean(found)
