"""Caught by: test_ch04_initial_weights_are_normal.

The variance is right, but the distribution is uniform.
"""

import numpy as np


def initial_weights(units, inputs, gain, rng):
    bound = np.sqrt(3 * gain / inputs)
    return rng.uniform(-bound, bound, (units, inputs))
