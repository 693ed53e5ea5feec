"""Caught by: test_ch12_match_of_the_directions.

The mean of the class means for the mean of all images: not the same if classes differ in size.
"""

import numpy as np


def match(features, images, labels):
    means = np.stack([images[labels == k].mean(axis=0) for k in range(len(features))])
    directions = means - means.mean(axis=0)
    lengths = np.linalg.norm(features, axis=1) * np.linalg.norm(directions, axis=1)
    return ((features * directions).sum(axis=1) / lengths).mean()
