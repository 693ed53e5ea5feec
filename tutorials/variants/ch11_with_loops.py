"""Accepted: image by image and unit by unit, and lists for what is returned."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def target_below(W, x, t, tau, start):
    found = []
    for image, wanted in zip(x, t, strict=True):
        new = np.zeros(len(image)) if start == "zero" else image.copy()
        for weights, goal in zip(W, wanted, strict=True):
            y = sigmoid(weights @ image)
            new -= tau * (y - goal) * y * (1 - y) * weights
        found.append(new)
    return found


def look_again(W, x, t, tau, period):
    place = np.array(target_below(W, x, t, tau, "zero"))
    while period > 1:
        place = np.array(target_below(W, place, t, tau, "activation"))
        period -= 1
    return place


def weight_gradients(weights, x, wanted, tau):
    found = [np.zeros(W.shape) for W in weights]
    for image, t in zip(x, wanted, strict=True):
        outputs = [image]
        for W in weights:
            outputs.append(sigmoid(W @ outputs[-1]))
        for level in range(len(weights) - 1, -1, -1):
            y = outputs[level + 1]
            error = (y - t) * y * (1 - y)
            for unit in range(len(error)):
                found[level][unit] += error[unit] * outputs[level] / len(x)
            t = -tau * weights[level].T @ error
    return tuple(found)


def targets_from_deltas(outputs, deltas, tau):
    found, factor = [], 1.0
    for y, delta in zip(reversed(outputs), reversed(deltas), strict=True):
        found.append(y - factor * delta)
        factor *= tau
    return found[::-1]


def hebbian_part(below, y):
    found = np.zeros((y.shape[1], below.shape[1]))
    for inputs, outputs in zip(below, y, strict=True):
        found += np.outer(outputs**2 * (1 - outputs), inputs)
    return found / len(y)


def difference_target(W, x, t, margin=1e-3):
    found = []
    for image, goal in zip(x, t, strict=True):
        wanted = [np.log(g / (1 - g)) for g in (min(max(g, margin), 1 - margin) for g in goal)]
        found.append(image + np.linalg.lstsq(W, wanted - W @ image, rcond=None)[0])
    return found
