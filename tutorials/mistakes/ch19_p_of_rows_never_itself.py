"""Caught by: test_ch19_p_of_a_streak.

Without the matrix itself, so that twenty orders can make one certain.
"""


def p_of_rows(matrix, orders, rng):
    observed = matrix.mean(axis=1).var()
    shuffled = (rng.permutation(matrix.ravel()).reshape(matrix.shape) for _ in range(orders))
    return sum(each.mean(axis=1).var() >= observed for each in shuffled) / orders
