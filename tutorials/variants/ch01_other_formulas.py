"""Accepted: the same values by other formulas, and lists where NumPy takes them as arrays."""

from itertools import accumulate

import numpy as np


def sigmoid(z):
    return (1 + np.tanh(z / 2)) / 2


def net_input(W, a, b):
    return np.einsum("ij,...j->...i", W, a) + b


def parity_network():
    W1 = [[-2, -2, -2], [2, 2, 2], [-2, -2, -2]]  # fewer than one, at least two, fewer than three
    return W1, [1, -3, 5], [[-1, -1, -1]], [1.5]


def polygon_network(corners):
    W1, b1 = [], []
    for n, (x, y) in enumerate(corners):
        u, v = corners[(n + 1) % len(corners)] - corners[n]
        length = np.hypot(u, v)
        W1.append([-v / length, u / length])
        b1.append((v * x - u * y) / length)
    return W1, b1, np.full((1, len(corners)), 1 / len(corners)), [0.5 / len(corners) - 1]


def activations(layers, x):
    return list(accumulate(layers, lambda a, layer: layer.forward(a), initial=x))


def as_vectors(images):
    return [image.ravel() for image in images]
