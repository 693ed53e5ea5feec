"""Accepted: NumPy's sliding windows, one product for all rows, and Winograd's matrices as one of sixteen rows."""

from math import prod

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def windows(x, kh, kw):
    return sliding_window_view(x, (kh, kw))


def all_patches(G, kh, step=1):
    _, kw, channels, places, count = G.shape
    row = kw * channels * places * count
    runs = sliding_window_view(G.reshape(-1), kh * row)[:: step * row]
    return runs.reshape(-1, kh * kw * channels, places * count)


def filter_gradient(dz, G, kh):
    return np.einsum("iopn,ikqcpn->ockq", dz, np.stack([G[i : i + kh] for i in range(len(dz))]))


def count_work(size, shape):
    outputs = prod(n - k + 1 for n, k in zip(size, shape[2:], strict=True))
    gathered = size[0] * (size[1] - shape[3] + 1) * np.prod(shape[1::2])
    return [outputs * np.prod(shape), outputs * np.prod(shape[1:]), gathered]


def sixteen_products(w, x):
    weights_in = np.array([[2, 0, 0], [1, 1, 1], [1, -1, 1], [0, 0, 2]])
    pixels_in = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, -1, 0, 1]])
    outputs_from = np.array([[1, 1, 1, 0], [0, 1, -1, 1]]) / 2
    u = (np.kron(weights_in, weights_in) @ w.ravel()).reshape(4, 4)
    v = (np.kron(pixels_in, pixels_in) @ x.ravel()).reshape(4, 4)
    return u, v, (np.kron(outputs_from, outputs_from) @ (u * v).ravel()).reshape(2, 2)
