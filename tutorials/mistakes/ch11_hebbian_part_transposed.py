"""Caught by: test_ch11_hebbian_part_by_hand, test_ch11_hebbian_part_is_what_the_start_makes.

Inputs first: the weights have the shape (units, inputs).
"""


def hebbian_part(below, y):
    return below.T @ (y * y * (1 - y)) / len(y)
