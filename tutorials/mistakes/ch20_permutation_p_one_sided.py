"""Caught by: test_ch20_splits_by_hand, test_ch20_splits_with_ties, test_ch20_splits_of_many.

Differences in the other direction do not count.
"""

from itertools import combinations

import numpy as np


def permutation_p(a, b):
    both = np.concatenate([a, b])
    found = []
    for chosen in combinations(range(len(both)), len(a)):
        rest = [k for k in range(len(both)) if k not in chosen]
        found.append(both[list(chosen)].mean() - both[rest].mean() >= np.mean(a) - np.mean(b) - 1e-9)
    return np.mean(found)
