"""Caught by: test_ch12_match_of_the_directions, test_ch12_match_by_hand.

One cosine of everything: classes with long directions count for more.
"""

import numpy as np


def match(features, images, labels):
    directions = np.stack([images[labels == k].mean(axis=0) for k in range(len(features))]) - images.mean(axis=0)
    return (features * directions).sum() / np.linalg.norm(features) / np.linalg.norm(directions)
