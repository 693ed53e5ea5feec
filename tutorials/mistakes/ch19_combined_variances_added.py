"""Caught by: test_ch19_combined_by_hand, test_ch19_combined_is_what_all_together_have.

Variances add up for sums of unrelated numbers, not for parts of a history.
"""


def combined(one, other):
    (n, mean, variance), (m, other_mean, other_variance) = one, other
    return n + m, (n * mean + m * other_mean) / (n + m), variance + other_variance
