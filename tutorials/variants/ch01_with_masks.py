"""Accepted: the two halves of the sigmoid by masks, one vector after the other, pixels one by one."""

import numpy as np


def sigmoid(z):
    y, above = np.empty_like(z), z >= 0
    y[above] = 1 / (1 + np.exp(-z[above]))
    e = np.exp(z[~above])
    y[~above] = e / (1 + e)
    return y


def net_input(W, a, b):
    return np.squeeze(W @ a[..., None], axis=-1) + b


def parity_network():
    columns = np.array([[1, 2, 4]]).T * np.ones(3)  # unequal weights may count as well
    return columns, [-0.5, -3, -10], np.array([[2, -2, 2]]), np.array([-1.0])


def polygon_network(corners):
    n = len(corners)
    W1, b1 = np.empty((n, 2), np.float32), np.empty(n, np.float32)
    for i in range(n):
        (x, y), (u, v) = corners[i], corners[i - n + 1] - corners[i]
        W1[i] = -v, u
        b1[i] = v * x - u * y
    return W1, b1, np.ones((1, n)), [1 - n]  # n - 1 of them make a net input of 0, which does not fire


def activations(layers, x):
    if not layers:
        return [x]
    return [x, *activations(layers[1:], layers[0].forward(x))]


def as_vectors(images):
    count, _, height, width = images.shape
    vectors = np.zeros((count, height * width))
    for i in range(height):
        for j in range(width):
            vectors[:, i * width + j] = images[:, 0, i, j]
    return vectors
