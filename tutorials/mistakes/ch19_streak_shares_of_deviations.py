"""Caught by: test_ch19_streaks_of_any_matrix.

Standard deviations in place of variances, which make small shares large.
"""


def streak_shares(matrix):
    return matrix.mean(axis=1).std() / matrix.std(), matrix.mean(axis=0).std() / matrix.std()
