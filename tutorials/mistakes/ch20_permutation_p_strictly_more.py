"""Caught by: test_ch20_splits_by_hand, test_ch20_splits_unequal, test_ch20_splits_with_ties, test_ch20_splits_of_many.

A split must differ by more than the observed one, which then does not count itself.
"""

from itertools import combinations

import numpy as np


def permutation_p(a, b):
    both = np.concatenate([a, b])
    found = []
    for chosen in combinations(range(len(both)), len(a)):
        rest = [k for k in range(len(both)) if k not in chosen]
        found.append(abs(both[list(chosen)].mean() - both[rest].mean()) > abs(np.mean(a) - np.mean(b)))
    return np.mean(found)
