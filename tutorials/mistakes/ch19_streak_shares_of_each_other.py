"""Caught by: test_ch19_streaks_of_any_matrix.

Divided by what rows and columns have together, so that the rest is lost.
"""


def streak_shares(matrix):
    rows, columns = matrix.mean(axis=1).var(), matrix.mean(axis=0).var()
    return rows / (rows + columns), columns / (rows + columns)
