"""Caught by: test_ch04_initial_weights_variance.

gain / inputs is used as the standard deviation.
"""


def initial_weights(units, inputs, gain, rng):
    return rng.normal(0.0, gain / inputs, (units, inputs))
