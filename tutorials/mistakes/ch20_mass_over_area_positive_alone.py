"""Caught by: test_ch20_mass_by_hand, test_ch20_mass_of_a_flat_map, test_ch20_mass_of_many.

What is negative counts for nothing.
"""

import numpy as np


def mass_over_area(heights, mask):
    sizes = np.maximum(heights, 0)
    return sizes[mask].sum() / max(sizes.sum(), 1e-12) / mask.mean()
