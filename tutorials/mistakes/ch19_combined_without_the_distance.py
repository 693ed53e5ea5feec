"""Caught by: test_ch19_combined_by_hand, test_ch19_combined_is_what_all_together_have.

The variances alone, weighted: two parts that never move, at different places, would not vary together either.
"""


def combined(one, other):
    (n, mean, variance), (m, other_mean, other_variance) = one, other
    return n + m, (n * mean + m * other_mean) / (n + m), (n * variance + m * other_variance) / (n + m)
