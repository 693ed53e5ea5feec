"""Chapter 10, Pruning what does not matter: the exercises.

Each function says what it should do and ends in ``raise NotImplementedError(...)``: put your code in the place of that
line. What a function is given it leaves as it is, unless its text says otherwise. In the folder of the chapters,
``python -m pytest exercises/test_ch10.py`` says what is solved, what is wrong, and what you have not tried yet.
"""

import numpy as np


def weakest(scores, count):
    """Exercise 10.1: The weakest of each class.

    scores[c, k], of shape (K, units), says how strong unit k is for class c. Return an array of the same shape that is
    True for the `count` weakest units of each class and False for all others. Of equal scores, the earlier unit is the
    weaker.
    """
    raise NotImplementedError("Exercise 10.1: The weakest of each class")


def everywhere_by_chance(weak, sizes):
    """Exercise 10.2: How many by chance.

    `weak` is as `weakest` returns it. Its columns are those of several layers, one layer after the other, with
    sizes[0], sizes[1], ... units. Suppose that each class drew its list at random, and as many units from each layer
    as it has there. Return how many units are expected to be on the lists of all classes, a number.
    """
    raise NotImplementedError("Exercise 10.2: How many by chance")


def constant_filters(activations):
    """Exercise 10.3: Filters that always say the same.

    `activations`, of shape (N, C, H, W), holds the outputs of C filters for N images. Return the sorted list of the
    filters whose output is one and the same number, at all places and for all images, whatever the number.
    """
    raise NotImplementedError("Exercise 10.3: Filters that always say the same")


def without_filters(W, b, W_next, removed):
    """Exercise 10.4: A convolution without some of its filters.

    W, of shape (K, C, h, w), and b, of shape (K,), are the weights of a convolution, and W_next, of shape
    (K', K, h', w'), those of the next one, which reads the outputs of the first. Return the three arrays that are left
    when the filters in the list `removed` go, with whatever reads their outputs. What is passed in stays as it is.
    """
    raise NotImplementedError("Exercise 10.4: A convolution without some of its filters")


def without_maps(W, removed, filters):
    """Exercise 10.5: Behind flatten.

    W, of shape (units, filters * P), is the weight matrix of a dense layer that reads the maps of `filters` filters,
    flattened: first all P places of filter 0, then all places of filter 1, and so on. Return the matrix that is left
    when the filters in the list `removed` go.
    """
    raise NotImplementedError("Exercise 10.5: Behind flatten")


def bias_with_constant(W_next, b_next, unit, value):
    """Exercise 10.6: A constant goes into the bias.

    A convolution without padding has the weights W_next, of shape (K', K, h', w'), and the bias b_next, of shape (K',).
    Filter `unit` of the layer in front of it always puts out `value`. Return the bias with which the convolution gives
    the same without that filter, of shape (K',). b_next stays as it is.
    """
    raise NotImplementedError("Exercise 10.6: A constant goes into the bias")


# For authors alone: course.py made this from solutions/ch10.py, and sees by dc4541e1891281c7 whether it was changed.
