"""Accepted: single precision, divisions of zero by zero, tinynet's own gradient."""

import numpy as np

import tinynet as tn


def share_in(pictures, inside, outside):
    positive = np.where(pictures > 0, pictures, 0).astype(np.float32)
    first = (positive * inside).sum(axis=(1, 2))
    return first / (first + (positive * outside).sum(axis=(1, 2)))


def response_gap(outputs, labels):
    means = np.array([np.average(outputs, axis=0, weights=labels == label) for label in range(3)], np.float32)
    means = np.sort(means, axis=0)
    return np.nan_to_num((means[1] - means[0]) / means[2])


def linear_path(matrices, size):
    product = np.eye(size[0] * size[1], dtype=np.float32)
    for matrix in matrices:
        product = matrix.astype(np.float32) @ product
    return product.reshape((-1, *size))


def path_of(matrices, x):
    layers = [tn.Flatten()]
    for W in matrices:
        layers += [tn.Dense(len(W), bias=False).with_params({"W": np.float32(W)}), tn.ReLU()]
    net = tn.Network(layers[:-1], (1, *x.shape), dtype=np.float32)
    return net.backward(net.trace(x[None]), np.eye(len(matrices[-1]))).input[:, 0]
