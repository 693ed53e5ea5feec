"""Caught by: test_ch12_two_parts_own_is_the_gradient, test_ch12_two_parts_background_is_nobodys.

The pair the other way round.
"""

import numpy as np
from scipy.special import expit


def two_parts(weights, tau):
    outputs = [np.zeros(weights[0].shape[1])]
    for W in weights:
        outputs.append(expit(W @ outputs[-1]))

    def down(t):
        for W, y in zip(weights[::-1], outputs[:0:-1], strict=True):
            t = -tau * ((y - t) * y * (1 - y)) @ W
        return t

    background = down(np.zeros(len(outputs[-1])))
    return down(np.eye(len(outputs[-1]))) - background, background
