"""Caught by: test_ch08_pointing_hit_of_a_flat_map.

Any of the highest places will do: a flat map always hits.
"""


def pointing_hit(heights, mask):
    return float((mask & (heights == heights.max())).any())
