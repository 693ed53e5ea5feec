"""Caught by: test_ch20_mass_by_hand, test_ch20_mass_of_many.

A map of both signs cancels itself.
"""


def mass_over_area(heights, mask):
    return heights[mask].sum() / heights.sum() / mask.mean()
