"""Caught by: test_ch13_shapley_by_hand, test_ch13_shapley_of_a_network.

One order alone: it adds up, but the first to come takes what others could have added as well.
"""

import numpy as np


def shapley(worth, players):
    heights = [worth(frozenset(range(count))) for count in range(players + 1)]
    return np.diff(heights)
