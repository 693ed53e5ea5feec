"""Caught by: test_ch12_feature_of_every_output, test_ch12_feature_of_any_target.

Takes every slope for 1/4, as if all net inputs were zero: in the first block alone they are.
"""

import numpy as np
from scipy.special import expit


def feature(weights, target, tau):
    outputs = [np.zeros(weights[0].shape[1])]
    for W in weights:
        outputs.append(expit(W @ outputs[-1]))
    t = target
    for W, y in zip(weights[::-1], outputs[:0:-1], strict=True):
        t = -tau * W.T @ ((y - t) / 4)
    return t
