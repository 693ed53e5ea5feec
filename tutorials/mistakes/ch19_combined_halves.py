"""Caught by: test_ch19_combined_by_hand, test_ch19_combined_is_what_all_together_have.

As if both parts had as many snapshots.
"""


def combined(one, other):
    (n, mean, variance), (m, other_mean, other_variance) = one, other
    return n + m, (mean + other_mean) / 2, (variance + other_variance) / 2 + (other_mean - mean) ** 2 / 4
