"""Caught by: test_ch12_feature_of_every_output, test_ch12_feature_of_any_target.

Each step starts at the output of the block below rather than at zero.
"""

import numpy as np
from scipy.special import expit


def feature(weights, target, tau):
    outputs = [np.zeros(weights[0].shape[1])]
    for W in weights:
        outputs.append(expit(W @ outputs[-1]))
    t = target
    for level in range(len(weights), 0, -1):
        y = outputs[level]
        t = outputs[level - 1] - tau * weights[level - 1].T @ ((y - t) * y * (1 - y))
    return t
