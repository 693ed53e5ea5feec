"""Caught by: test_ch19_streaks_by_hand, test_ch19_streaks_of_any_matrix.

The variance within the rows, which is what their means do not explain.
"""


def streak_shares(matrix):
    return matrix.var(axis=1).mean() / matrix.var(), matrix.var(axis=0).mean() / matrix.var()
