"""Caught by: test_ch08_pointing_hit_by_the_highest, test_ch08_pointing_hit_of_a_flat_map.

How much of the map lies in the mask: another question, and no answer for a map of zeros.
"""


def pointing_hit(heights, mask):
    return float((heights * mask).sum() / heights.sum()) if heights.any() else 0.0
