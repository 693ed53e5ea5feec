"""Caught by: test_ch04_initial_weights_variance.

Divided by the number of units instead of the number of inputs.
"""

import numpy as np


def initial_weights(units, inputs, gain, rng):
    return rng.normal(0.0, np.sqrt(gain / units), (units, inputs))
