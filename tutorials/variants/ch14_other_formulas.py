"""Accepted: SciPy's rank correlation, cumulative sums, permutations for ties."""

import numpy as np
from scipy import stats

from tinynet import explain


def alike(one, other):
    pairs = zip(one, other, strict=True)
    return np.nanmean([stats.spearmanr(np.ravel(a), np.ravel(b)).statistic for a, b in pairs])


def against_random(method, net, drawn, x, target):
    maps = np.array([np.abs(method(which, x, target)) for which in [net, *drawn]])
    table = np.array([[np.mean(explain.rank_correlations(a, b)) for b in maps] for a in maps])
    inner = table[1:, 1:]
    return table[0, 1:].mean(), inner[np.triu_indices(len(inner), k=1)].mean()


def deletion_curve(predict, x, heights, steps, cover, rng):
    shuffled = rng.permutation(heights.size)
    order = shuffled[np.argsort(-heights.ravel()[shuffled], kind="stable")]
    turn = np.empty(heights.size, int)
    turn[order] = np.arange(heights.size)
    counts = np.round(np.linspace(0, 1, steps + 1) * x.size)
    gone = turn.reshape(x.shape) < counts[:, None, None]
    return predict(np.where(gone, cover, x))


def average_precision(heights, mask):
    values, inverse = np.unique(-heights, return_inverse=True)
    inverse = inverse.reshape(heights.shape)
    right = np.bincount(inverse[mask], minlength=len(values))
    precision = right.cumsum() / np.bincount(inverse.ravel()).cumsum()
    return (precision * right).sum() / right.sum()


def passes(scores, edges, random):
    return (scores / np.maximum(edges, random)).min(axis=1) > 2


def my_method(net, x, target):
    trace, seed = net.trace(x), np.zeros((len(x), net.output_shape[0]))
    seed[np.arange(len(x)), target] = 1
    return net.backward(trace, seed, at=net.logits).input
