"""Accepted: first and size from the bottom up, lexsort, windows as rows, diagonal matrices."""

import numpy as np


def pixels_seen(windows, place):
    step, start, size = 1, 0, 1
    for width, stride, padding in windows:
        start, size, step = start - padding * step, size + (width - 1) * step, step * stride
    return np.array([start + place * step, start + place * step + size - 1])


def best_places(maps, count):
    highest = maps.max(axis=(1, 2))
    order = np.lexsort((np.arange(len(maps)), -highest))[:count]
    return ((image, *np.argwhere(maps[image] == highest[image])[0]) for image in order)


def unpool(signal, x):
    height, width = signal.shape
    rows = x.reshape(height, 2, width, 2).swapaxes(1, 2).reshape(-1, 4)
    won = np.arange(4) == rows.argmax(axis=1)[:, None]
    return (won * signal.reshape(-1, 1)).reshape(height, width, 2, 2).swapaxes(1, 2).reshape(x.shape)


def carried_back(weights, x, unit, rule):
    gates, activation = [], x
    for matrix in weights[:-1]:
        u = matrix @ activation
        gates.append(np.diag((u > 0).astype(int)))
        activation = gates[-1] @ u
    found = np.eye(len(weights[-1]))[unit] @ weights[-1]
    for matrix, gate in list(zip(weights, gates, strict=False))[::-1]:
        found = found if rule == "gradient" else found.clip(min=0)
        found = found @ (matrix if rule == "deconvolution" else gate @ matrix)
    return found
