"""Caught by: test_ch13_integrated_of_a_square, test_ch13_integrated_of_a_network.

The right end of each part for its midpoint: the baseline itself never counts, and the error is many times larger.
"""

import numpy as np


def integrated_gradients(gradient, x, baseline, steps):
    ends = (np.arange(steps) + 1) / steps
    return (x - baseline) * np.mean([gradient(baseline + a * (x - baseline)) for a in ends], axis=0)
