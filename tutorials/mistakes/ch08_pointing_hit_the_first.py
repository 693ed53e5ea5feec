"""Caught by: test_ch08_pointing_hit_of_a_flat_map.

argmax takes the first of equals, so a flat map always points at the top left corner.
"""

import numpy as np


def pointing_hit(heights, mask):
    return float(mask[np.unravel_index(heights.argmax(), heights.shape)])
