"""Caught by: test_ch20_splits_with_ties.

Differences that are equal but for rounding are not counted.
"""

from itertools import combinations


def permutation_p(a, b):
    both, found = [*a, *b], []
    observed = abs(sum(a) / len(a) - sum(b) / len(b))
    for chosen in combinations(range(len(both)), len(a)):
        first = sum(both[k] for k in chosen) / len(a)
        second = sum(both[k] for k in range(len(both)) if k not in chosen) / len(b)
        found.append(abs(first - second) >= observed)
    return sum(found) / len(found)
