"""Chapter 13, Which pixels?: the exercises.

Each function says what it should do and ends in ``raise NotImplementedError(...)``: put your code in the place of that
line. What a function is given it leaves as it is, unless its text says otherwise. In the folder of the chapters,
``python -m pytest exercises/test_ch13.py`` says what is solved, what is wrong, and what you have not tried yet.
"""

from itertools import permutations

import numpy as np


def integrated_gradients(gradient, x, baseline, steps):
    """Exercise 13.1: A mean gradient.

    `gradient(point)` returns the gradient of a prediction at a point. Return what each value of `x` counts: its
    difference from `baseline`, times the mean gradient on the straight way from `baseline` to `x`, taken at the
    midpoints of `steps` equal parts.
    """
    raise NotImplementedError("Exercise 13.1: A mean gradient")


def kinks(W, b, x, baseline):
    """Exercise 13.2: Where the kinks are.

    A layer of ReLUs has the net inputs W x + b. Walk from `baseline` (a = 0) to `x` (a = 1). Return the places a
    strictly between 0 and 1 at which one of the net inputs changes its sign, in ascending order.
    """
    raise NotImplementedError("Exercise 13.2: Where the kinks are")


def grad_cam(maps, slopes):
    """Exercise 13.3: Class activation maps.

    `maps` are the feature maps of one image and `slopes` the gradient of a prediction with respect to them, both of the
    shape (K, h, w). Return Grad-CAM, of shape (h, w): each map times the mean of its gradient, added up over the maps,
    and what is below 0 cut off.
    """
    raise NotImplementedError("Exercise 13.3: Class activation maps")


def lrp_epsilon(W, b, x, relevance, eps):
    """Exercise 13.4: The rule epsilon.

    A dense layer puts out z = W x + b, with W of shape (M, D), and its outputs hold the relevance R of shape (M,).
    Return the relevance of its inputs, of shape (D,): R_i = sum_j x_i w_ji R_j / (z_j + eps s_j), where s_j is the sign
    of z_j, and +1 where z_j is 0.
    """
    raise NotImplementedError("Exercise 13.4: The rule epsilon")


def shapley(worth, players):
    """Exercise 13.5: All orders.

    `worth(coalition)` takes a frozenset of players, which are numbered 0 to `players` - 1, and returns what the
    prediction is if they alone are there. Return the Shapley value of each player, of shape (players,): what it adds to
    those who came before it, on the mean over all orders.
    """
    raise NotImplementedError("Exercise 13.5: All orders")


# For authors alone: course.py made this from solutions/ch13.py, and sees by 52ca1d6b154b1fd3 whether it was changed.
