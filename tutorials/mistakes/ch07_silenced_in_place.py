"""Caught by: test_ch07_silenced_maps_are_zero, test_ch07_silenced_leaves_the_activation_alone.

The array that was given is changed: the next knock-out starts from a network that is already damaged.
"""


def silenced(activation, units):
    activation[:, units] = 0
    return activation
