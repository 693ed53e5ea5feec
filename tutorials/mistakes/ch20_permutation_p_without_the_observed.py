"""Caught by: test_ch20_splits_by_hand, test_ch20_splits_unequal, test_ch20_splits_with_ties, test_ch20_splits_of_many.

The observed way is left out, so that a p-value can be 0.
"""

from itertools import combinations

import numpy as np


def permutation_p(a, b):
    both = np.concatenate([a, b])
    found = []
    for chosen in list(combinations(range(len(both)), len(a)))[1:]:
        rest = [k for k in range(len(both)) if k not in chosen]
        found.append(abs(both[list(chosen)].mean() - both[rest].mean()) >= abs(np.mean(a) - np.mean(b)) - 1e-9)
    return np.mean(found)
