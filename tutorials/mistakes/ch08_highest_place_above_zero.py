"""Caught by: test_ch08_highest_place_of_a_map.

A search that begins at 0 finds nothing where all entries are negative.
"""

import numpy as np


def highest_place(gradient):
    highest, where = 0, (0, 0, 0)
    for place, entry in np.ndenumerate(gradient):
        if entry > highest:
            highest, where = entry, place
    return where
