"""Accepted: Python's sort keeps equals in order even downwards; pairs may be lists; means may be summed up."""

import numpy as np


def class_means(gradients, labels, classes):
    sums = np.zeros((classes, *gradients.shape[1:]))
    np.add.at(sums, labels, gradients)
    counts = np.bincount(labels, minlength=classes)
    return (sums.T / counts).T


def rank_filters(scores):
    rows = [[score, name, index] for name, of_layer in scores.items() for index, score in enumerate(of_layer)]
    rows.sort(key=lambda row: row[0], reverse=True)
    return [[name, index] for _, name, index in rows]
