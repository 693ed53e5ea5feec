"""Caught by: test_ch19_p_of_a_streak, test_ch19_p_of_columns_alone, test_ch19_p_of_orders_alone,
test_ch19_p_draws_from_the_generator, test_ch19_p_of_chance.

What is shuffled in place is the matrix of whoever asked.
"""


def p_of_rows(matrix, orders, rng):
    observed, as_large = matrix.mean(axis=1).var(), 1
    for _ in range(orders):
        rng.shuffle(matrix.reshape(-1))
        as_large += matrix.mean(axis=1).var() >= observed
    return as_large / (1 + orders)
