"""Caught by: test_ch08_pointing_hit_by_the_highest.

Nearly as high counts as equally high: how nearly, NumPy decides.
"""

import numpy as np


def pointing_hit(heights, mask):
    return float(np.mean(mask[np.isclose(heights, heights.max())]))
