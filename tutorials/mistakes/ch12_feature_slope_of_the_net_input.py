"""Caught by: test_ch12_feature_by_hand, test_ch12_feature_of_every_output, test_ch12_feature_of_any_target.

The slope z (1 - z) of the net input: y (1 - y) holds for the output.
"""

import numpy as np
from scipy.special import expit


def feature(weights, target, tau):
    sums, outputs = [], [np.zeros(weights[0].shape[1])]
    for W in weights:
        sums.append(W @ outputs[-1])
        outputs.append(expit(sums[-1]))
    t = target
    for W, z, y in zip(weights[::-1], sums[::-1], outputs[:0:-1], strict=True):
        t = -tau * W.T @ ((y - t) * z * (1 - z))
    return t
