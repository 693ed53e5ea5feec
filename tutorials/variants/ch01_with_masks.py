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
