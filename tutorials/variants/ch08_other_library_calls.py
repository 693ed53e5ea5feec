"""Accepted: argwhere, delete, triangles of matrices, einsum; NumPy's own whole numbers are returned."""

import numpy as np


def highest_place(gradient):
    return np.argwhere(gradient == gradient.max())[0]


def pixels_seen(windows, place, side):
    sizes, strides, paddings = np.array(windows).T
    apart = np.concatenate([[1], np.cumprod(strides)])
    first = place * apart[-1] - paddings @ apart[:-1]
    return np.clip([first, first + 1 + (sizes - 1) @ apart[:-1]], 0, side)


def nearest_other(logits, label):
    others = np.delete(np.arange(len(logits)), label)
    return others[np.argmax(logits[others])]


def pointing_hit(heights, mask):
    highest = heights == np.max(heights)
    return np.count_nonzero(highest & mask) / np.count_nonzero(highest)


def within_and_between(profiles, labels):
    one, other = np.triu_indices(len(labels), k=1)
    lengths = np.sqrt(np.einsum("nu,nu->n", profiles, profiles))
    cosines = np.einsum("pu,pu->p", profiles[one], profiles[other]) / (lengths[one] * lengths[other])
    return np.array([cosines[labels[one] == labels[other]].mean(), cosines[labels[one] != labels[other]].mean()])


def agreement(gradients):
    axes = tuple(range(1, np.ndim(gradients)))
    return np.sqrt(np.square(gradients.sum(axis=0)).sum()) / np.sqrt(np.square(gradients).sum(axis=axes)).sum()
