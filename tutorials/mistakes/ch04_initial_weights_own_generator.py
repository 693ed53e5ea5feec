"""Caught by: test_ch04_initial_weights_come_from_the_generator.

A generator of its own: the seed is without effect.
"""

import numpy as np


def initial_weights(units, inputs, gain, rng):
    return np.random.default_rng(0).normal(0.0, np.sqrt(gain / inputs), (units, inputs))
