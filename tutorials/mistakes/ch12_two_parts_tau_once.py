"""Caught by: test_ch12_two_parts_make_the_features, test_ch12_two_parts_own_is_the_gradient.

The own parts with a single tau, though every block takes a step.
"""

import numpy as np
from scipy.special import expit


def two_parts(weights, tau):
    x = np.zeros(weights[0].shape[1])
    own, outputs = tau * np.eye(len(x)), [x]
    for W in weights:
        x = expit(W @ x)
        own = (x * (1 - x))[:, None] * W @ own
        outputs.append(x)
    background = np.zeros(len(x))
    for W, y in zip(weights[::-1], outputs[:0:-1], strict=True):
        background = -tau * W.T @ ((y - background) * y * (1 - y))
    return background, own
