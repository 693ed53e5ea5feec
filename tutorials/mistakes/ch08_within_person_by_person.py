"""Caught by: test_ch08_within_and_between_pair_by_pair.

The mean over the people of their means: who has few images counts as much as who has many.
"""

import numpy as np


def within_and_between(profiles, labels):
    directions = profiles / np.linalg.norm(profiles, axis=1, keepdims=True)
    cosines, same = directions @ directions.T, labels[:, None] == labels
    means = []
    for person in np.unique(labels):
        of_person = cosines[np.ix_(labels == person, labels == person)]
        means.append(of_person[~np.eye(len(of_person), dtype=bool)].mean())
    return np.mean(means), cosines[~same].mean()
