"""Caught by: test_ch12_match_of_the_directions.

The size of each cosine: a feature turned round matches as well.
"""

import numpy as np


def match(features, images, labels):
    directions = np.stack([images[labels == k].mean(axis=0) for k in range(len(features))]) - images.mean(axis=0)
    lengths = np.linalg.norm(features, axis=1) * np.linalg.norm(directions, axis=1)
    return abs((features * directions).sum(axis=1) / lengths).mean()
