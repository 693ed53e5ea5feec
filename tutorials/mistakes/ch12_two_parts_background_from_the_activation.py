"""Caught by: test_ch12_two_parts_make_the_features, test_ch12_two_parts_background_is_nobodys.

The background without the outputs of the hidden units, which are most of it.
"""

import numpy as np
from scipy.special import expit


def two_parts(weights, tau):
    x = np.zeros(weights[0].shape[1])
    own = np.eye(len(x))
    for W in weights:
        x = expit(W @ x)
        own = tau * (x * (1 - x))[:, None] * W @ own
    return -x @ own, own
