"""Caught by: test_ch11_hebbian_part_is_what_the_start_makes.

Summed over the images.
"""


def hebbian_part(below, y):
    return (y * y * (1 - y)).T @ below
