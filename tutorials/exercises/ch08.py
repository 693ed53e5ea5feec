"""Chapter 8, What makes you you: the exercises.

Each function says what it should do and ends in ``raise NotImplementedError(...)``: put your code in the place of that
line. What a function is given it leaves as it is, unless its text says otherwise. In the folder of the chapters,
``python -m pytest exercises/test_ch08.py`` says what is solved, what is wrong, and what you have not tried yet.
"""

import numpy as np


def highest_place(gradient):
    """Exercise 8.1: The highest place.

    `gradient` of shape (filters, height, width) is the gradient of a prediction with respect to one layer's output for
    one image. Return (filter, row, column) of its highest entry, where a little more would help the prediction most.
    """
    raise NotImplementedError("Exercise 8.1: The highest place")


def pixels_seen(windows, place, side):
    """Exercise 8.2: From a place to pixels.

    `windows` is a list of (size, stride, padding), from the lowest layer to the highest, convolutions and pools alike;
    padding is the number of zeros put in front of each row, and behind it. `place` is a row (or a column) of the
    highest layer's maps. Return (first, end): the place sees the rows first, ..., end - 1 of an image that has `side`
    of them. Rows that would lie in the padding do not exist. (Padding within, that is of layers above the first, can
    make the part that is really seen a little smaller. Ignore that.)
    """
    raise NotImplementedError("Exercise 8.2: From a place to pixels")


def nearest_other(logits, label):
    """Exercise 8.3: The nearest other.

    Given the logits of one image, of shape (K,), return the class with the highest logit of all classes but `label`.
    `logits` stays as it is.
    """
    raise NotImplementedError("Exercise 8.3: The nearest other")


def pointing_hit(heights, mask):
    """Exercise 8.4: Does it point there?

    `heights` of shape (h, w) says how much each place matters and `mask` of the same shape (bool) where it should.
    Return 1.0 if the highest place lies in the mask and 0.0 if it does not. If several places are equally high, return
    the share of them that lies in the mask.
    """
    raise NotImplementedError("Exercise 8.4: Does it point there?")


def within_and_between(profiles, labels):
    """Exercise 8.5: Within a person and between two.

    `profiles` of shape (N, units) holds one profile an image and `labels` of shape (N,) the people. Return (within,
    between): the mean cosine over all pairs of two *different* images of one person, and over all pairs of images of
    two people.
    """
    raise NotImplementedError("Exercise 8.5: Within a person and between two")


def agreement(gradients):
    """Exercise 8.6: Do the images agree?

    `gradients` of shape (N, *unit shape) holds the gradients of the N images of one person. Return the length of their
    mean divided by the mean of their lengths: 1 if all point the same way, 0 if they cancel. The length is the root of
    the sum of squares over all units.
    """
    raise NotImplementedError("Exercise 8.6: Do the images agree?")


# For authors alone: course.py made this from solutions/ch08.py, and sees by 23db5b9e003a99eb whether it was changed.
