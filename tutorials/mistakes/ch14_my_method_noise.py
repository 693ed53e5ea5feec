"""Caught by: test_ch14_my_method_finds_what_was_planted, test_ch14_my_method_depends_on_the_weights.

Noise that is the same each time.
"""

import numpy as np


def my_method(net, x, target):
    return np.random.default_rng(0).standard_normal(x.shape)
