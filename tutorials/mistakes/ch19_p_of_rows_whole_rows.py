"""Caught by: test_ch19_p_of_a_streak, test_ch19_p_of_chance.

Whole rows change places, so every row keeps its mean and nothing is ever less than what was observed.
"""


def p_of_rows(matrix, orders, rng):
    observed = matrix.mean(axis=1).var()
    shuffled = (rng.permutation(matrix, axis=0) for _ in range(orders))
    return (1 + sum(each.mean(axis=1).var() >= observed - 1e-12 for each in shuffled)) / (1 + orders)
