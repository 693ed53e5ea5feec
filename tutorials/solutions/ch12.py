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
    # BEGIN SOLUTION
    outputs = [np.zeros(weights[0].shape[1])]
    for W in weights:
        outputs.append(expit(W @ outputs[-1]))
    t = np.asarray(target)
    for W, y in zip(weights[::-1], outputs[:0:-1], strict=True):
        t = -tau * W.T @ ((y - t) * y * (1 - y))
    return t
    # END SOLUTION


def match(features, images, labels):
    """Exercise 12.2: Like its class.

    features[k], of shape (K, pixels), is that of the output for class k. The direction of a class is the mean of its
    images, less the mean of all images; `images` have the shape (N, pixels), `labels` the shape (N,), and every class
    has images. Return the mean over the classes of the cosine between a feature and the direction of its own class.
    """
    # BEGIN SOLUTION
    directions = np.stack([images[labels == k].mean(axis=0) for k in range(len(features))]) - images.mean(axis=0)
    lengths = np.linalg.norm(features, axis=1) * np.linalg.norm(directions, axis=1)
    return ((features * directions).sum(axis=1) / lengths).mean()
    # END SOLUTION


def overlap(features):
    """Exercise 12.3: Like each other.

    Return the mean size of the cosine of two different features, of all pairs of the rows of `features`.
    """
    # BEGIN SOLUTION
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    cosines = unit @ unit.T
    return abs(cosines[~np.eye(len(cosines), dtype=bool)]).mean()
    # END SOLUTION


def bend(x, y, places):
    """Exercise 12.4: Where a curve bends.

    Fit the points (x, y) by two straight lines that meet at a place, y = a + b min(x - k, 0) + c max(x - k, 0). Return
    the k among `places` for which the best a, b and c (np.linalg.lstsq) leave the smallest sum of squares.
    """

    # BEGIN SOLUTION
    def left_over(k):
        columns = np.stack([np.ones_like(x), np.minimum(x - k, 0), np.maximum(x - k, 0)], axis=1)
        best = np.linalg.lstsq(columns, y, rcond=None)[0]
        return np.square(columns @ best - y).sum()

    return min(places, key=left_over)
    # END SOLUTION


def two_parts(weights, tau):
    """Exercise 12.5: Background and own part.

    With the network and the steps of exercise 12.1, the feature of output k, whose target is 1 for k and 0 for all
    others, is a background that all outputs share, plus a part of its own. Return the pair of both: the background, of
    shape (pixels,), and the own parts, of shape (K, pixels), which are tau to the power of the number of blocks times
    the gradient of output k with respect to the image, at the image of zeros.
    """
    # BEGIN SOLUTION
    x = np.zeros(weights[0].shape[1])
    own, outputs = np.eye(len(x)), [x]
    for W in weights:
        x = expit(W @ x)
        own = tau * (x * (1 - x))[:, None] * W @ own
        outputs.append(x)
    background = np.zeros(len(x))
    for W, y in zip(weights[::-1], outputs[:0:-1], strict=True):
        background = -tau * W.T @ ((y - background) * y * (1 - y))
    return background, own
    # END SOLUTION
