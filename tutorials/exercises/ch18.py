"""Chapter 18, Designing a better network by looking: the exercises.

Each function says what it should do and ends in ``raise NotImplementedError(...)``: put your code in the place of that
line. What a function is given it leaves as it is, unless its text says otherwise. In the folder of the chapters,
``python -m pytest exercises/test_ch18.py`` says what is solved, what is wrong, and what you have not tried yet.
"""

from itertools import product

import numpy as np


def silent_units(outputs):
    """Exercise 18.1: Dead and constant units.

    `outputs` of shape (N, units, H, W) are what the units of a layer put out. Return two arrays of bool over the units:
    the dead ones, which put out 0 everywhere, and the constant ones, which are not dead but whose range, largest less
    smallest output over images and places, is at most 1 % of the largest range of a unit.
    """
    raise NotImplementedError("Exercise 18.1: Dead and constant units")


def copies(outputs, limit=0.95):
    """Exercise 18.2: Copies.

    `outputs` of shape (units, samples) are what the units of a layer put out; all of them vary. Go through the units,
    that of the largest variance first. A unit is a copy of the kept one with which its correlation is largest in size,
    if that is at least `limit`; else it is kept. Return for each unit the number of the unit that it copies, or -1.
    """
    raise NotImplementedError("Exercise 18.2: Copies")


def without_copy(w, b, copy, kept, slope, shift):
    """Exercise 18.3: Fold a copy into the next layer.

    The next layer computes `w @ a + b`, and always a[copy] = slope * a[kept] + shift. Return weights and biases of a
    layer that computes the same from `a` without its entry `copy`. `w` and `b` stay as they are.
    """
    raise NotImplementedError("Exercise 18.3: Fold a copy into the next layer")


def folded_share(response, stride):
    """Exercise 18.4: What a stride folds.

    `response` of shape (N, length) are rows of a filter's response, slid in steps of one pixel. Return the share of
    their power (of all rows together, each without its mean) that lies at frequencies above 1 / (2 * stride).
    """
    raise NotImplementedError("Exercise 18.4: What a stride folds")


def p_worse(new, old, margin):
    """Exercise 18.5: As good within a margin.

    `new` and `old` are accuracies of two designs, an entry a seed. Return the p-value for "worse by more than the
    margin": of all ways to give each of the differences new - old + margin a sign, the share whose mean is at least
    as large as the mean that was found (allow for 1e-12 of rounding).
    """
    raise NotImplementedError("Exercise 18.5: As good within a margin")


# For authors alone: course.py made this from solutions/ch18.py, and sees by e116a40b69851cfd whether it was changed.
