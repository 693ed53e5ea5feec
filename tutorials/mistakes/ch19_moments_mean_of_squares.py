"""Caught by: test_ch19_moments_far_from_zero.

The mean of the squares less the square of the mean, in the type of the weights: nothing is left of a small variance.
"""


def moments(snapshots):
    total = squares = count = 0
    for values in snapshots:
        total, squares, count = total + values, squares + values * values, count + 1
    return total / count, squares / count - (total / count) ** 2
