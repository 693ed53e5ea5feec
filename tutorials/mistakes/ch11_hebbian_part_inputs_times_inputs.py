"""Caught by: test_ch11_hebbian_part_by_hand, test_ch11_hebbian_part_is_what_the_start_makes.

The slope of the input for that of the output.
"""


def hebbian_part(below, y):
    return y.T @ (below * below * (1 - below)) / len(y)
