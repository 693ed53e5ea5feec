"""Chapter 20, Two networks, one face: the exercises.

Each function says what it should do and ends in ``raise NotImplementedError(...)``: put your code in the place of that
line. What a function is given it leaves as it is, unless its text says otherwise. In the folder of the chapters,
``python -m pytest exercises/test_ch20.py`` says what is solved, what is wrong, and what you have not tried yet.
"""

from itertools import combinations

import numpy as np


def mass_over_area(heights, mask):
    """Exercise 20.1: Mass over area.

    `heights` of shape (H, W) is a map, of values of either sign, and `mask` of the same shape (bool) a region. Return
    the share of the map's absolute values that lies in the region, over the region's share of the area: 1 for a map
    that is the same everywhere.
    """
    raise NotImplementedError("Exercise 20.1: Mass over area")


def permutation_p(a, b):
    """Exercise 20.2: All splits.

    `a` of shape (n,) and `b` of shape (m,) are one statistic of n networks of one task and of m of another. Return the
    share of all ways to choose n of the n + m networks whose difference of means is at least as large in size as the
    observed one. The observed way is one of them. Sums in another order differ by rounding: let differences count as
    equal that are within 1e-9.
    """
    raise NotImplementedError("Exercise 20.2: All splits")


def q_values(p):
    """Exercise 20.3: q-values.

    `p` of shape (S,) holds the p-values of S statistics. With p_1 to p_S in order from the smallest, the q-value of the
    k-th is the smallest of p_j S / j over all j >= k. Return the q-values in the order of `p`, which stays as it is.
    """
    raise NotImplementedError("Exercise 20.3: q-values")


def cka(X, Y):
    """Exercise 20.4: CKA.

    `X` of shape (n, p) and `Y` of shape (n, q) are features of the same n >= 4 images in two layers. Return their
    debiased linear CKA, h(X, Y) / sqrt(h(X, X) h(Y, Y)): with both centred (each column less its mean) and r the
    squared lengths of the rows, h(X, Y) = |X'Y|^2 - n/(n-2) r_x.r_y + (sum r_x)(sum r_y) / ((n-1)(n-2)).
    """

    raise NotImplementedError("Exercise 20.4: CKA")


def order_by_partner(own, other, scores):
    """Exercise 20.5: The other's order.

    `own` and `other` of shape (N, filters) are what the filters of one layer put out in two networks, for the same N
    images; `scores` of shape (filters,) says how strong each filter of the *other* network is. Give each filter of the
    own network the score of its partner: the filter of the other whose outputs have the largest correlation with its
    own (a filter may be the partner of several). Return the numbers of the own filters, the strongest partner first.
    """
    raise NotImplementedError("Exercise 20.5: The other's order")


# For authors alone: course.py made this from solutions/ch20.py, and sees by 183ad91755b5aaa6 whether it was changed.
