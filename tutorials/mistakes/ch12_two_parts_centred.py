"""Caught by: test_ch12_two_parts_own_is_the_gradient, test_ch12_two_parts_background_is_nobodys.

The mean of the features for the background: it holds the mean of the own parts as well.
"""

import numpy as np
from scipy.special import expit


def two_parts(weights, tau):
    x = np.zeros(weights[0].shape[1])
    outputs = [x]
    for W in weights:
        outputs.append(expit(W @ outputs[-1]))
    t = np.eye(len(outputs[-1]))
    for W, y in zip(weights[::-1], outputs[:0:-1], strict=True):
        t = -tau * ((y - t) * y * (1 - y)) @ W
    return t.mean(axis=0), t - t.mean(axis=0)
