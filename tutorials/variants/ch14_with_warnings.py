"""Accepted: single precision, correlations of flat maps that are thrown away."""

import numpy as np
from scipy import stats

from tinynet import explain


def alike(one, other):
    found = [
        np.corrcoef(stats.rankdata(a), stats.rankdata(b))[0, 1].astype(np.float32)
        for a, b in zip(one, other, strict=True)
    ]
    return np.mean([value for value in found if value == value])


def against_random(method, net, drawn, x, target):
    maps = {which: np.absolute(np.asarray(method(which, x, target), np.float32)) for which in (net, *drawn)}
    value = np.average([explain.rank_correlations(maps[net], maps[other]).mean() for other in drawn])
    pairs = [(a, b) for a in drawn for b in drawn if a is not b]
    return np.array([value, np.average([explain.rank_correlations(maps[a], maps[b]).mean() for a, b in pairs])])


def deletion_curve(predict, x, heights, steps, cover, rng):
    keys = np.array(list(zip(-heights.ravel(), rng.random(x.size), strict=True)), dtype=[("h", float), ("r", float)])
    order, images = np.argsort(keys, order=("h", "r")), [x]
    for step in range(1, steps + 1):
        image = x.flatten()
        np.put(image, order[: int(np.round(x.size * (step / steps)))], cover)
        images.append(image.reshape(x.shape))
    return np.asarray(predict(np.stack(images)), np.float32)


def average_precision(heights, mask):
    high = heights.reshape(-1, 1) <= heights.reshape(1, -1)
    return np.float32(((high & mask.ravel()).sum(axis=1) / high.sum(axis=1))[mask.ravel()].mean())


def passes(scores, edges, random):
    ratio = np.minimum(scores / edges, scores / random)
    return np.array([bool(np.min(row) > 2) for row in ratio])


def my_method(net, x, target):
    return np.asarray(explain.smooth_gradient(net, x, target, samples=5, rng=1), np.float32)
