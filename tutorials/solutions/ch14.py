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
    # BEGIN SOLUTION
    found = []
    for first, second in zip(one, other, strict=True):
        ranks = [stats.rankdata(values) for values in (first, second)]
        if min(np.ptp(of_map) for of_map in ranks) > 0:
            found.append(np.corrcoef(ranks[0].ravel(), ranks[1].ravel())[0, 1])
    return np.mean(found)
    # END SOLUTION


def against_random(method, net, drawn, x, target):
    """Exercise 14.2: Against random weights.

    `method(net, x, target)` returns one map an image, and `drawn` is a list of networks like `net` with random weights.
    Return (value, control), both means of the rank correlation of the *sizes* of two maps of an image: the value of
    those of `net` and of each network in `drawn`, the control of those of all pairs of two networks in `drawn`.
    `explain.rank_correlations(one, other)` gives the correlation of each image.
    """

    # BEGIN SOLUTION
    def sizes(which):
        return np.abs(np.asarray(method(which, x, target)))

    own, random = sizes(net), [sizes(which) for which in drawn]
    value = np.mean([explain.rank_correlations(own, maps) for maps in random])
    control = np.mean([explain.rank_correlations(*pair) for pair in combinations(random, 2)])
    return value, control
    # END SOLUTION


def deletion_curve(predict, x, heights, steps, cover, rng):
    """Exercise 14.3: A deletion curve.

    `x` and `heights` of shape (H, W) are an image and its map; `predict(images)` takes images of shape (n, H, W) and
    returns one prediction for each. Return the predictions, of shape (steps + 1,), after 0, 1, ..., `steps` of `steps`
    equal parts of the pixels have been replaced by the number `cover`, those of the highest values first (round the
    number of pixels by np.round). Pixels of equal height go in random order, drawn from `rng`. `x` stays as it is.
    """
    # BEGIN SOLUTION
    order = np.lexsort((rng.random(heights.size), -heights.ravel()))
    images = np.repeat(x.reshape(1, -1), steps + 1, axis=0)
    for image, count in zip(images, np.round(np.arange(steps + 1) / steps * x.size), strict=True):
        image[order[: int(count)]] = cover
    return predict(images.reshape(-1, *x.shape))
    # END SOLUTION


def average_precision(heights, mask):
    """Exercise 14.4: Average precision.

    `heights` of shape (H, W) is a map and `mask` of the same shape (bool) the truth. For a pixel of the mask, the
    precision is the share of the mask among all pixels that are at least as high as this one. Return the mean precision
    over all pixels of the mask.
    """
    # BEGIN SOLUTION
    return np.mean([mask[heights >= height].mean() for height in heights[mask]])
    # END SOLUTION


def passes(scores, edges, random):
    """Exercise 14.5: Who passes.

    `scores` of shape (methods, networks) says how well each method does in each network, `edges` of shape (networks,)
    how well the edge detector does there, and `random` of shape (methods, networks) how well each method does after the
    network's weights have been drawn anew. Return an array of shape (methods,) (bool): a method passes if in *every*
    network it has more than twice as much as the edge detector, and more than twice what it has on random weights.
    """
    # BEGIN SOLUTION
    return (scores > 2 * np.maximum(edges, random)).all(axis=1)
    # END SOLUTION


def my_method(net, x, target):
    """Exercise 14.6: A method of your own.

    Return one map an image, of the shape of `x`, (N, C, H, W): where does the logit of the class `target` (shape (N,))
    come from? Take anything that tinynet has, or build your own. It is examined: the map must depend on the class and
    on the weights, be the same when it is made twice, leave `net` and `x` as they are, and by its sizes find what the
    grader has planted.
    """
    # BEGIN SOLUTION
    return np.sqrt(np.asarray(explain.smooth_gradient(net, x, target, kind="square")))
    # END SOLUTION
