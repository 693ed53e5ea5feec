"""Accepted: Python's sort keeps equals in order even downwards; pairs may be lists; means may be summed up."""

import numpy as np


def logit_gradients(net, x, target):
    one_hot = np.arange(net.output_shape[0]) == target
    return net.backward(net.trace(x), np.tile(one_hot.astype(net.dtype), (len(x), 1)), at=net.logits)


def probability_seed(p, target):
    seed = np.empty_like(p)
    for k in range(p.shape[1]):
        seed[:, k] = p[:, target] * ((k == target) - p[:, k])
    return seed


def from_training_deltas(deltas, p, labels):
    found = {}
    for name in deltas:
        found[name] = np.empty_like(deltas[name])
        for n, label in enumerate(labels):
            found[name][n] = -p[n][label] * len(p) * deltas[name][n]
    return found


def convolutional_gradient(gradient):
    return np.sqrt(np.einsum("...ij,...ij->...", gradient, gradient))


def class_means(gradients, labels, classes):
    sums = np.zeros((classes, *gradients.shape[1:]))
    np.add.at(sums, labels, gradients)
    counts = np.bincount(labels, minlength=classes)
    return (sums.T / counts).T


def rank_filters(scores):
    rows = [[score, name, index] for name, of_layer in scores.items() for index, score in enumerate(of_layer)]
    rows.sort(key=lambda row: row[0], reverse=True)
    return [[name, index] for _, name, index in rows]
