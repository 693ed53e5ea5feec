"""Caught by: test_ch12_match_by_hand.

Correlations for cosines: the mean of each image is taken away before.
"""

import numpy as np


def match(features, images, labels):
    directions = np.stack([images[labels == k].mean(axis=0) for k in range(len(features))]) - images.mean(axis=0)
    return np.mean([np.corrcoef(f, d)[0, 1] for f, d in zip(features, directions, strict=True)])
