"""Caught by: test_ch14_precision_by_hand, test_ch14_precision_of_a_flat_map, test_ch14_precision_of_many.

How much of the map lies inside: another measure, for which a flat map of zeros is 0 / 0.
"""


def average_precision(heights, mask):
    return abs(heights)[mask].sum() / max(abs(heights).sum(), 1e-30)
