"""Caught by: test_ch19_p_of_a_streak, test_ch19_p_of_chance.

Entries stay in their rows, whose means therefore never change.
"""


def p_of_rows(matrix, orders, rng):
    observed = matrix.mean(axis=1).var()
    shuffled = (rng.permuted(matrix, axis=1) for _ in range(orders))
    return (1 + sum(each.mean(axis=1).var() >= observed for each in shuffled)) / (1 + orders)
