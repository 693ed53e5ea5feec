"""Caught by: test_ch17_step_inside, test_ch17_step_at_a_bound.

The step has the length `rate`, not the root mean square.
"""

import numpy as np


def step_within(x, slope, rate, low, high):
    stuck = ((x <= low) & (slope < 0)) | ((x >= high) & (slope > 0))
    slope = np.where(stuck, 0, slope)
    length = np.linalg.norm(slope)
    return np.clip(x + rate * slope / length, low, high) if length else x
