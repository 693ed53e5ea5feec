"""Caught by: test_ch08_within_and_between_pair_by_pair.

Each image is as like itself as can be, and is counted.
"""

import numpy as np


def within_and_between(profiles, labels):
    directions = profiles / np.linalg.norm(profiles, axis=1, keepdims=True)
    cosines, same = directions @ directions.T, labels[:, None] == labels
    return cosines[same].mean(), cosines[~same].mean()
