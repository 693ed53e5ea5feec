"""Caught by: test_ch08_within_and_between_by_hand, test_ch08_within_and_between_pair_by_pair.

Inner products without the lengths: the longest profiles decide.
"""

import numpy as np


def within_and_between(profiles, labels):
    products, same = profiles @ profiles.T, labels[:, None] == labels
    return products[same & ~np.eye(len(labels), dtype=bool)].mean(), products[~same].mean()
