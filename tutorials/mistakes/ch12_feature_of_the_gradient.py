"""Caught by: test_ch12_feature_of_every_output, test_ch12_feature_of_any_target.

Carries the residual down instead of a target: a gradient, without the outputs of the hidden units.
"""

import numpy as np
from scipy.special import expit


def feature(weights, target, tau):
    outputs = [np.zeros(weights[0].shape[1])]
    for W in weights:
        outputs.append(expit(W @ outputs[-1]))
    residual = outputs[-1] - target
    for W, y in zip(weights[::-1], outputs[:0:-1], strict=True):
        residual = tau * W.T @ (residual * y * (1 - y))
    return -residual
