"""Caught by: test_ch13_integrated_of_a_square, test_ch13_integrated_of_a_network.

The left end of each part: the baseline counts, the input does not.
"""

import numpy as np


def integrated_gradients(gradient, x, baseline, steps):
    ends = np.arange(steps) / steps
    return (x - baseline) * np.mean([gradient(baseline + a * (x - baseline)) for a in ends], axis=0)
