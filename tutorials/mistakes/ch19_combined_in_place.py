"""Caught by: test_ch19_combined_is_what_all_together_have.

The first part's own mean and variance are written over.
"""

import numpy as np


def combined(one, other):
    (n, mean, variance), (m, other_mean, other_variance) = one, other
    mean, variance, share = np.asarray(mean), np.asarray(variance), m / (n + m)
    distance = other_mean - mean
    variance *= 1 - share
    variance += share * other_variance + distance**2 * share * (1 - share)
    mean += share * distance
    return n + m, mean, variance
