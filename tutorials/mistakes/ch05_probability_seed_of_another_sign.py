"""Caught by: test_ch05_probability_seed_is_a_slope.

p minus one-hot, as in training: the sign of a loss.
"""

import numpy as np


def probability_seed(p, target):
    return p[:, [target]] * (p - np.eye(p.shape[1])[target])
