"""Accepted: whole numbers of NumPy, a heap, a mask of winners, single precision."""

import heapq

import numpy as np


def pixels_seen(windows, place):
    first, last = np.int64(place), np.int64(place)
    for size, stride, padding in list(windows)[::-1]:
        first, last = np.array([first, last]) * stride - padding + [0, size - 1]
    return [first, last]


def best_places(maps, count):
    images = heapq.nlargest(count, range(len(maps)), key=lambda image: maps[image].max())
    return [[image, *np.unravel_index(maps[image].argmax(), maps[image].shape)] for image in images]


def unpool(signal, x):
    corners = np.stack([x[::2, ::2], x[::2, 1::2], x[1::2, ::2], x[1::2, 1::2]])
    winner = np.argmax(corners, axis=0)
    found = np.zeros(x.shape, signal.dtype)
    for k, (down, across) in enumerate(np.ndindex(2, 2)):
        found[down::2, across::2] = np.where(winner == k, signal, 0)
    return found


def carried_back(weights, x, unit, rule):
    outputs = [x]
    for matrix in weights[:-1]:
        outputs.append(np.maximum(np.einsum("ij,j->i", matrix, outputs[-1]), 0))
    found = np.copy(weights[-1][unit])
    for layer in range(len(weights) - 2, -1, -1):
        if rule != "gradient":
            found[found < 0] = 0
        if rule != "deconvolution":
            found[outputs[layer + 1] == 0] = 0
        found = np.einsum("i,ij->j", found, weights[layer])
    return np.float32(found)
