"""Caught by: test_ch19_streaks_by_hand, test_ch19_streaks_of_any_matrix.

The mean along the first axis is that of a column, not of a row.
"""


def streak_shares(matrix):
    return matrix.mean(axis=0).var() / matrix.var(), matrix.mean(axis=1).var() / matrix.var()
