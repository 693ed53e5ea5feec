"""Caught by: test_ch19_combined_by_hand, test_ch19_combined_is_what_all_together_have.

The counts less one, though the variances were divided by the counts.
"""


def combined(one, other):
    (n, mean, variance), (m, other_mean, other_variance) = one, other
    squares = (n - 1) * variance + (m - 1) * other_variance + (other_mean - mean) ** 2 * n * m / (n + m)
    return n + m, (n * mean + m * other_mean) / (n + m), squares / (n + m - 1)
