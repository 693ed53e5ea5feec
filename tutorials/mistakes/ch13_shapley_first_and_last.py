"""Caught by: test_ch13_shapley_adds_up, test_ch13_shapley_of_a_network.

The mean of coming first and coming last.
"""

import numpy as np


def shapley(worth, players):
    everyone, nobody = frozenset(range(players)), frozenset()
    return np.array(
        [(worth(frozenset({p})) - worth(nobody) + worth(everyone) - worth(everyone - {p})) / 2 for p in range(players)]
    )
