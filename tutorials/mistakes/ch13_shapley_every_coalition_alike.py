"""Caught by: test_ch13_shapley_adds_up, test_ch13_shapley_of_a_network.

The mean over all coalitions without the player, each counted once (Banzhaf's value). Orders put more weight on the
smallest and the largest.
"""

from itertools import combinations

import numpy as np


def shapley(worth, players):
    values = np.zeros(players)
    for player in range(players):
        others = [other for other in range(players) if other != player]
        coalitions = [frozenset(some) for size in range(players) for some in combinations(others, size)]
        values[player] = np.mean([worth(some | {player}) - worth(some) for some in coalitions])
    return values
