"""Caught by: test_ch19_p_of_orders_alone.

Entries that are drawn again and again, as for a bootstrap, are no other order of those that there are.
"""

import numpy as np


def p_of_rows(matrix, orders, rng):
    observed = matrix.mean(axis=1).var()
    drawn = [rng.choice(matrix.ravel(), matrix.shape).mean(axis=1).var() for _ in range(orders)]
    return (1 + np.sum(np.array(drawn) >= observed)) / (1 + orders)
