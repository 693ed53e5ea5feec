"""Caught by: test_ch20_mass_by_hand, test_ch20_mass_of_many.

Squares in place of sizes, so that a few high places decide.
"""


def mass_over_area(heights, mask):
    squares = heights**2
    return squares[mask].sum() / squares.sum() / mask.mean()
