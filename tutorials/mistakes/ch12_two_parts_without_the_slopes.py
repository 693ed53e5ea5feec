"""Caught by: test_ch12_two_parts_make_the_features, test_ch12_two_parts_own_is_the_gradient.

The own parts are products of weights: the slopes of the sigmoids are left out.
"""

import numpy as np
from scipy.special import expit


def two_parts(weights, tau):
    x = np.zeros(weights[0].shape[1])
    own, outputs = np.eye(len(x)), [x]
    for W in weights:
        own = tau * W @ own
        outputs.append(expit(W @ outputs[-1]))
    background = np.zeros(len(outputs[-1]))
    for W, y in zip(weights[::-1], outputs[:0:-1], strict=True):
        background = -tau * W.T @ ((y - background) * y * (1 - y))
    return background, own
