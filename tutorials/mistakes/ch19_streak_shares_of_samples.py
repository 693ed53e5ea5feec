"""Caught by: test_ch19_streaks_by_hand, test_ch19_streaks_of_any_matrix.

The variance of few means divided by their number less one, that of many by theirs.
"""


def streak_shares(matrix):
    whole = matrix.var(ddof=1)
    return matrix.mean(axis=1).var(ddof=1) / whole, matrix.mean(axis=0).var(ddof=1) / whole
