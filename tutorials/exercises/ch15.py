"""Chapter 15, Weights as pictures: the exercises.

Each function says what it should do and ends in ``raise NotImplementedError(...)``: put your code in the place of that
line. What a function is given it leaves as it is, unless its text says otherwise. In the folder of the chapters,
``python -m pytest exercises/test_ch15.py`` says what is solved, what is wrong, and what you have not tried yet.
"""

import numpy as np


def share_in(pictures, inside, outside):
    """Exercise 15.1: The share in a region.

    `pictures` of shape (units, H, W) are weights; `inside` and `outside` of shape (H, W) are True where a region is.
    Return for each unit which share of its *positive* weight in the two regions together lies inside. A unit without
    positive weight in either of them has no share: np.nan.
    """
    raise NotImplementedError("Exercise 15.1: The share in a region")


def response_gap(outputs, labels):
    """Exercise 15.2: The response gap.

    `outputs` of shape (N, units) are what units put out for images of three classes, `labels` of shape (N,) the
    classes, 0 to 2; there may be more images of one class than of another. Take each unit's *mean* output for each
    class. Return for each unit (second largest - smallest) / largest of these three means; 0 for a silent unit.
    """
    raise NotImplementedError("Exercise 15.2: The response gap")


def linear_path(matrices, size):
    """Exercise 15.3: The linear path.

    `matrices` are the weights of dense layers, the first one first: each of shape (units, inputs). `size` is (H, W) of
    the image. Return the pictures of the last layer's units as if nothing lay between the layers, of shape
    (units, H, W).
    """
    raise NotImplementedError("Exercise 15.3: The linear path")


def path_of(matrices, x):
    """Exercise 15.4: The path that an image takes.

    As in exercise 15.3, but with a ReLU behind each layer *except the last*, and for one image `x` of shape (H, W):
    only the units that are on for it (net input above 0) pass anything. Return the pictures of the last layer's units,
    of shape (units, H, W): a picture times `x`, summed, is the unit's net input.
    """
    raise NotImplementedError("Exercise 15.4: The path that an image takes")


# For authors alone: course.py made this from solutions/ch15.py, and sees by 6b5a97a5aa8f9816 whether it was changed.
