"""Caught by: test_ch20_mass_by_hand, test_ch20_mass_of_a_flat_map, test_ch20_mass_of_many.

The share of the mass, so that large regions look important.
"""

import numpy as np


def mass_over_area(heights, mask):
    return np.abs(heights)[mask].sum() / np.abs(heights).sum()
