"""Caught by: test_ch13_integrated_of_a_square, test_ch13_integrated_of_a_network.

The way begins at black, wherever the baseline is.
"""

import numpy as np


def integrated_gradients(gradient, x, baseline, steps):
    middles = (np.arange(steps) + 0.5) / steps
    return (x - baseline) * np.mean([gradient(a * x) for a in middles], axis=0)
