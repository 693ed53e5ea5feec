"""Caught by: test_ch12_match_of_the_directions, test_ch12_match_by_hand.

The mean image of the class, with all that it shares with every other class.
"""

import numpy as np


def match(features, images, labels):
    means = np.stack([images[labels == k].mean(axis=0) for k in range(len(features))])
    lengths = np.linalg.norm(features, axis=1) * np.linalg.norm(means, axis=1)
    return ((features * means).sum(axis=1) / lengths).mean()
