"""Caught by: test_ch11_hebbian_part_by_hand, test_ch11_hebbian_part_is_what_the_start_makes.

Hebb's own sign: what is active together grows.
"""


def hebbian_part(below, y):
    return -(y * y * (1 - y)).T @ below / len(y)
