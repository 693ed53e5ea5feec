"""Caught by: test_ch19_p_of_columns_alone, test_ch19_p_of_orders_alone.

Orders that have just as much between rows are not counted.
"""


def p_of_rows(matrix, orders, rng):
    observed = matrix.mean(axis=1).var()
    shuffled = (rng.permutation(matrix.ravel()).reshape(matrix.shape) for _ in range(orders))
    return (1 + sum(each.mean(axis=1).var() > observed for each in shuffled)) / (1 + orders)
