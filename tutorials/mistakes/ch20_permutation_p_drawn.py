"""Caught by: test_ch20_splits_by_hand, test_ch20_splits_unequal, test_ch20_splits_with_ties, test_ch20_splits_of_many.

Random splits in place of all of them.
"""

import numpy as np


def permutation_p(a, b):
    rng, both = np.random.default_rng(0), np.concatenate([a, b])
    observed, found = abs(np.mean(a) - np.mean(b)), []
    for _ in range(500):
        mixed = rng.permutation(both)
        found.append(abs(mixed[: len(a)].mean() - mixed[len(a) :].mean()) >= observed - 1e-9)
    return (1 + sum(found)) / (1 + len(found))
