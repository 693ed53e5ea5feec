"""Caught by: test_ch19_combined_by_hand, test_ch19_combined_is_what_all_together_have.

The squared distance is weighted with one part alone.
"""


def combined(one, other):
    (n, mean, variance), (m, other_mean, other_variance) = one, other
    share = m / (n + m)
    together = (1 - share) * variance + share * other_variance + share * (other_mean - mean) ** 2
    return n + m, (1 - share) * mean + share * other_mean, together
