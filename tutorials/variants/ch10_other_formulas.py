"""Accepted: counts of smaller scores, expected counts per unit, comparisons with the first, setdiff, a convolution."""

import numpy as np


def weakest(scores, count):
    smaller = (scores[:, None, :] < scores[:, :, None]).sum(axis=2)
    earlier = np.tril(scores[:, None, :] == scores[:, :, None], -1).sum(axis=2)
    return smaller + earlier < count


def everywhere_by_chance(weak, sizes):
    layer = np.repeat(np.arange(len(sizes)), sizes)
    one_hot = np.eye(len(sizes))[layer]
    shares = weak @ one_hot / np.asarray(sizes)
    return np.exp(np.log(np.maximum(shares @ one_hot.T, 1e-300)).sum(axis=0)).sum()


def constant_filters(activations):
    changes = (activations != activations[:1, :, :1, :1]).any(axis=(0, 2, 3))
    return [k for k, differs in enumerate(changes) if not differs]


def without_filters(W, b, W_next, removed):
    left = np.setdiff1d(np.arange(len(W)), removed)
    return W.take(left, axis=0), b.take(left), W_next.take(left, axis=1)


def without_maps(W, removed, filters):
    places = W.shape[1] // filters
    columns = [k * places + place for k in removed for place in range(places)]
    return np.delete(W, columns, axis=1)


def bias_with_constant(W_next, b_next, unit, value):
    window = np.zeros(W_next.shape[1:])
    window[unit] = value
    return np.tensordot(W_next, window, axes=3) + b_next
