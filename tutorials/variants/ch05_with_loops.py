"""Accepted: images, classes and filters one by one, lists for arrays; the Jacobian of softmax; a heap."""

import heapq

import numpy as np


def logit_gradients(net, x, target):
    seed = [1.0 if k == target else 0.0 for k in range(net.output_shape[0])]
    each = [net.backward(net.trace(x[n : n + 1]), np.array(seed), at=net.logits) for n in range(len(x))]
    return {name: np.concatenate([deltas[name] for deltas in each]) for name in each[0]}


def probability_seed(p, target):
    return [(np.diag(row) - np.outer(row, row))[target] for row in p]


def from_training_deltas(deltas, p, labels):
    of_label = np.take_along_axis(p, np.asarray(labels)[:, None], axis=1)[:, 0]
    return {name: (delta.T * (-of_label * len(of_label))).T for name, delta in deltas.items()}


def class_means(gradients, labels, classes):
    means = []
    for c in range(classes):
        members = [gradient for gradient, label in zip(gradients, labels, strict=True) if label == c]
        means.append(sum(members) / len(members))
    return means


def convolutional_gradient(gradient):
    *leading, height, width = gradient.shape
    return np.linalg.norm(gradient.reshape(*leading, height * width), axis=-1).tolist()


def rank_filters(scores):
    filters = ((score, name, index) for name in scores for index, score in enumerate(scores[name]))
    count = sum(map(len, scores.values()))
    return [(name, index) for _, name, index in heapq.nlargest(count, filters, key=lambda row: row[0])]
