"""Accepted: SciPy's sigmoid, as a list, one product after the other, other numbers of one sign, rows end to end."""

import numpy as np
from scipy.special import expit


def sigmoid(z):
    return expit(z).tolist()


def net_input(W, a, b):
    return np.stack([np.sum(w * a, axis=-1) + bias for w, bias in zip(W, b, strict=True)], axis=-1)


def parity_network():
    return np.full((3, 3), 10), np.array([-5, -15, -25]), np.array([[3, -3, 3]]), np.array([-2])


def polygon_network(corners):
    ahead = np.concatenate([corners[1:], corners[:1]])
    W1 = (ahead - corners) @ np.array([[0, 1], [-1, 0]])
    return W1, -np.einsum("ij,ij->i", W1, ahead), np.ones((1, len(corners))), np.array([0.25 - len(corners)])


def activations(layers, x):
    kept = [x.copy()]
    for number in range(len(layers)):
        kept += [layers[number].forward(kept[number])]
    return kept


def as_vectors(images):
    return np.concatenate([row for row in images[:, 0].transpose(1, 0, 2)], axis=1)
