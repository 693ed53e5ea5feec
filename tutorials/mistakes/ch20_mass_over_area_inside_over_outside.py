"""Caught by: test_ch20_mass_by_hand, test_ch20_mass_of_many.

The mean inside over the mean outside, which is 1 for a flat map as well.
"""

import numpy as np


def mass_over_area(heights, mask):
    sizes = np.abs(heights)
    return sizes[mask].mean() / sizes[~mask].mean()
