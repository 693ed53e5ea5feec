"""Caught by: test_ch13_integrated_of_a_square, test_ch13_integrated_of_a_network.

The mean gradient without the difference from the baseline: it adds up to nothing.
"""

import numpy as np


def integrated_gradients(gradient, x, baseline, steps):
    middles = (np.arange(steps) + 0.5) / steps
    return np.mean([gradient(baseline + a * (x - baseline)) for a in middles], axis=0)
