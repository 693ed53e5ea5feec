"""Caught by: test_ch13_shapley_by_hand, test_ch13_shapley_adds_up, test_ch13_shapley_of_a_network.

Occlusion: what the whole loses without each player.
"""

import numpy as np


def shapley(worth, players):
    everyone = frozenset(range(players))
    return np.array([worth(everyone) - worth(everyone - {player}) for player in range(players)])
