"""Caught by: test_ch19_p_draws_from_the_generator.

The orders are the same in every call, whatever generator is given.
"""

import numpy as np


def p_of_rows(matrix, orders, rng):
    rng = np.random.default_rng(0)
    observed = matrix.mean(axis=1).var()
    shuffled = (rng.permutation(matrix.ravel()).reshape(matrix.shape) for _ in range(orders))
    return (1 + sum(each.mean(axis=1).var() >= observed for each in shuffled)) / (1 + orders)
