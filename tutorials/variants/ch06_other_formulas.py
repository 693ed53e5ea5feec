"""Accepted: arrays made from a buffer, one large product, other points for Winograd's products, lists."""

import numpy as np


def windows(x, kh, kw):
    ends = (x.shape[0] - kh + 1, x.shape[1] - kw + 1)
    shape, strides = (*ends, kh, kw), x.strides * 2
    return np.lib.stride_tricks.as_strided(x[: ends[0] + kh - 1, : ends[1] + kw - 1], shape, strides)


def all_patches(G, kh, step=1):
    rows, kw, channels, places, count = G.shape
    number, line = G.itemsize, G.itemsize * places * count
    shape = (1 + (rows - kh) // step, kh * kw * channels, places * count)
    return np.ndarray(shape, G.dtype, buffer=G, strides=(step * kw * channels * line, line, number))


def filter_gradient(dz, G, kh):
    _, kw, channels, _, _ = G.shape
    down = len(dz)
    deltas = dz.transpose(1, 0, 2, 3).reshape(dz.shape[1], -1)
    P = np.concatenate([G[p : p + down].transpose(1, 2, 0, 3, 4).reshape(kw * channels, -1) for p in range(kh)])
    return np.moveaxis((deltas @ P.T).reshape(-1, kh, kw, channels), -1, 1)


def count_work(size, shape):
    outputs = np.prod(np.subtract(size, shape[2:]) + 1)
    K = np.prod(shape[1:])
    return [int(outputs * shape[0] * K), int(outputs * K), int(size[0] * K // shape[2] * (size[1] - shape[3] + 1))]


def sixteen_products(w, x):
    # Polynomials at 0, 1, -2 and infinity instead of 0, 1, -1 and infinity: Toom and Cook's method, transposed.
    points = np.array([0.0, 1.0, -2.0])
    at_weights = np.vstack([np.vander(points, 3, increasing=True), [0, 0, 1]])
    at_outputs = np.vstack([np.vander(points, 2, increasing=True), [0, 1]])
    whole = np.vstack([np.vander(points, 4, increasing=True), [0, 0, 0, 1]])
    back = np.linalg.inv(whole).T
    u, v = at_weights @ w @ at_weights.T, back @ x @ back.T
    return u, v, at_outputs.T @ (u * v) @ at_outputs
