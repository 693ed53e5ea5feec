"""Chapter 19, Watching weights learn: the exercises.

Each function says what it should do and ends in ``raise NotImplementedError(...)``: put your code in the place of that
line. What a function is given it leaves as it is, unless its text says otherwise. In the folder of the chapters,
``python -m pytest exercises/test_ch19.py`` says what is solved, what is wrong, and what you have not tried yet.
"""

from itertools import pairwise

import numpy as np


def moments(snapshots):
    """Exercise 19.1: One pass.

    `snapshots` gives arrays of one shape, one after the other, and only once: there may be thousands. Return the mean
    and the variance of each entry over all of them, in float64; the variance is divided by their number. Keep no more
    than a few arrays of that shape. The entries may be float32, far from 0 and close together.
    """
    raise NotImplementedError("Exercise 19.1: One pass")


def combined(one, other):
    """Exercise 19.2: Two parts of a history.

    `one` and `other` are triples of a count of snapshots, the mean and the variance of each entry over them (divided by
    the count). Return the same triple for all snapshots of both parts together.
    """
    raise NotImplementedError("Exercise 19.2: Two parts of a history")


def update_ratios(snapshots):
    """Exercise 19.3: Update ratios.

    `snapshots` is a list of arrays of one shape: the weights of a layer at several times. Return for each but the first
    how far it is from the one before it, over the norm of the one before it; the norm is the root of the sum of
    squares.
    """
    raise NotImplementedError("Exercise 19.3: Update ratios")


def streak_shares(matrix):
    """Exercise 19.4: Streaks as a number.

    Return which share of the variance of all entries of `matrix` lies between its rows, that is the variance of the
    means of the rows over that of all entries, and which share lies between its columns.
    """
    raise NotImplementedError("Exercise 19.4: Streaks as a number")


def p_of_rows(matrix, orders, rng):
    """Exercise 19.5: More than chance?

    Put the entries of `matrix` into random order, `orders` times, drawing from `rng`. Return how likely a share of the
    variance between rows is that is at least as large as that of `matrix`: count the shuffled matrices that have it,
    and `matrix` itself among them, so that the answer is never 0.
    """
    raise NotImplementedError("Exercise 19.5: More than chance?")


# For authors alone: course.py made this from solutions/ch19.py, and sees by 61339bab0846a270 whether it was changed.
