"""Chapter 14, Who explains the explanation?: the exercises.

Each function says what it should do and ends in ``raise NotImplementedError(...)``: put your code in the place of that
line. What a function is given it leaves as it is, unless its text says otherwise. In the folder of the chapters,
``python -m pytest exercises/test_ch14.py`` says what is solved, what is wrong, and what you have not tried yet.
"""

from itertools import combinations

import numpy as np
from scipy import stats

from tinynet import explain


def alike(one, other):
    """Exercise 14.1: How alike are two maps.

    `one` and `other` of shape (N, ...) hold one map an image each. Return the mean over the images of the rank
    correlation of their two maps (scipy.stats.rankdata gives equal values the mean of their ranks). A map that is the
    same everywhere has no ranks: such an image is no answer and is left out of the mean.
    """
    raise NotImplementedError("Exercise 14.1: How alike are two maps")


def against_random(method, net, drawn, x, target):
    """Exercise 14.2: Against random weights.

    `method(net, x, target)` returns one map an image, and `drawn` is a list of networks like `net` with random weights.
    Return (value, control), both means of the rank correlation of the *sizes* of two maps of an image: the value of
    those of `net` and of each network in `drawn`, the control of those of all pairs of two networks in `drawn`.
    `explain.rank_correlations(one, other)` gives the correlation of each image.
    """

    raise NotImplementedError("Exercise 14.2: Against random weights")


def deletion_curve(predict, x, heights, steps, cover, rng):
    """Exercise 14.3: A deletion curve.

    `x` and `heights` of shape (H, W) are an image and its map; `predict(images)` takes images of shape (n, H, W) and
    returns one prediction for each. Return the predictions, of shape (steps + 1,), after 0, 1, ..., `steps` of `steps`
    equal parts of the pixels have been replaced by the number `cover`, those of the highest values first (round the
    number of pixels by np.round). Pixels of equal height go in random order, drawn from `rng`. `x` stays as it is.
    """
    raise NotImplementedError("Exercise 14.3: A deletion curve")


def average_precision(heights, mask):
    """Exercise 14.4: Average precision.

    `heights` of shape (H, W) is a map and `mask` of the same shape (bool) the truth. For a pixel of the mask, the
    precision is the share of the mask among all pixels that are at least as high as this one. Return the mean precision
    over all pixels of the mask.
    """
    raise NotImplementedError("Exercise 14.4: Average precision")


def passes(scores, edges, random):
    """Exercise 14.5: Who passes.

    `scores` of shape (methods, networks) says how well each method does in each network, `edges` of shape (networks,)
    how well the edge detector does there, and `random` of shape (methods, networks) how well each method does after the
    network's weights have been drawn anew. Return an array of shape (methods,) (bool): a method passes if in *every*
    network it has more than twice as much as the edge detector, and more than twice what it has on random weights.
    """
    raise NotImplementedError("Exercise 14.5: Who passes")


def my_method(net, x, target):
    """Exercise 14.6: A method of your own.

    Return one map an image, of the shape of `x`, (N, C, H, W): where does the logit of the class `target` (shape (N,))
    come from? Take anything that tinynet has, or build your own. It is examined: the map must depend on the class and
    on the weights, be the same when it is made twice, leave `net` and `x` as they are, and by its sizes find what the
    grader has planted.
    """
    raise NotImplementedError("Exercise 14.6: A method of your own")


# For authors alone: course.py made this from solutions/ch14.py, and sees by 4f09a7fc96a9d661 whether it was changed.
