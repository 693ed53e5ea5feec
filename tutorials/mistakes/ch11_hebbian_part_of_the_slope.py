"""Caught by: test_ch11_hebbian_part_by_hand, test_ch11_hebbian_part_is_what_the_start_makes.

The slope times the input: the residual, which is the output, is forgotten.
"""


def hebbian_part(below, y):
    return (y * (1 - y)).T @ below / len(y)
