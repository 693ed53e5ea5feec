"""Caught by: test_ch13_shapley_by_hand, test_ch13_shapley_adds_up, test_ch13_shapley_of_a_network.

The weights of the coalitions with m for m - 1.
"""

from itertools import combinations
from math import factorial

import numpy as np


def shapley(worth, players):
    values = np.zeros(players)
    for player in range(players):
        others = [other for other in range(players) if other != player]
        for size in range(players):
            weight = factorial(size) * factorial(players - size) / factorial(players)
            for some in combinations(others, size):
                values[player] += weight * (worth(frozenset({player, *some})) - worth(frozenset(some)))
    return values
