"""Caught by: test_ch17_step_at_a_bound, test_ch17_step_stays_within.

A pixel at a bound never comes back.
"""

import numpy as np


def step_within(x, slope, rate, low, high):
    slope = np.where((x <= low) | (x >= high), 0, slope)
    size = np.sqrt(np.mean(slope**2))
    return np.clip(x + rate * slope / size, low, high) if size else x
