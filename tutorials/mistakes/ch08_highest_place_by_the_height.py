"""Caught by: test_ch08_highest_place_of_a_map.

Divided by the height where the width belongs: right for square maps alone.
"""


def highest_place(gradient):
    height, width = gradient.shape[1:]
    unit, rest = divmod(int(gradient.argmax()), height * width)
    return unit, *divmod(rest, height)
