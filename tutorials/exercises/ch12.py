"""Chapter 12, Seeing by targets: the exercises.

Each function says what it should do and ends in ``raise NotImplementedError(...)``: put your code in the place of that
line. What a function is given it leaves as it is, unless its text says otherwise. In the folder of the chapters,
``python -m pytest exercises/test_ch12.py`` says what is solved, what is wrong, and what you have not tried yet.
"""

import numpy as np
from scipy.special import expit


def feature(weights, target, tau):
    """Exercise 12.1: Algorithm 1.

    `weights` are those of all blocks, from the first to the last; a block has no biases and ends in a sigmoid:
    y = expit(W @ x). Show the network an image of zeros. Then carry `target`, for the outputs of the last block, down
    to the image, by one step of length tau from zero for each block. Return the target of the image, a vector.
    """
    raise NotImplementedError("Exercise 12.1: Algorithm 1")


def match(features, images, labels):
    """Exercise 12.2: Like its class.

    features[k], of shape (K, pixels), is that of the output for class k. The direction of a class is the mean of its
    images, less the mean of all images; `images` have the shape (N, pixels), `labels` the shape (N,), and every class
    has images. Return the mean over the classes of the cosine between a feature and the direction of its own class.
    """
    raise NotImplementedError("Exercise 12.2: Like its class")


def overlap(features):
    """Exercise 12.3: Like each other.

    Return the mean size of the cosine of two different features, of all pairs of the rows of `features`.
    """
    raise NotImplementedError("Exercise 12.3: Like each other")


def bend(x, y, places):
    """Exercise 12.4: Where a curve bends.

    Fit the points (x, y) by two straight lines that meet at a place, y = a + b min(x - k, 0) + c max(x - k, 0). Return
    the k among `places` for which the best a, b and c (np.linalg.lstsq) leave the smallest sum of squares.
    """

    raise NotImplementedError("Exercise 12.4: Where a curve bends")


def two_parts(weights, tau):
    """Exercise 12.5: Background and own part.

    With the network and the steps of exercise 12.1, the feature of output k, whose target is 1 for k and 0 for all
    others, is a background that all outputs share, plus a part of its own. Return the pair of both: the background, of
    shape (pixels,), and the own parts, of shape (K, pixels), which are tau to the power of the number of blocks times
    the gradient of output k with respect to the image, at the image of zeros.
    """
    raise NotImplementedError("Exercise 12.5: Background and own part")


# For authors alone: course.py made this from solutions/ch12.py, and sees by 70cb5744aa8f5332 whether it was changed.
