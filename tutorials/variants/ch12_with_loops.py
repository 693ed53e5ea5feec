"""Accepted: number by number, in plain Python, and lists for what is returned."""

import numpy as np


def feature(weights, target, tau):
    outputs = [[0.0] * weights[0].shape[1]]
    for W in weights:
        sums = [sum(w * x for w, x in zip(row, outputs[-1], strict=True)) for row in W]
        outputs.append([1 / (1 + np.exp(-z)) for z in sums])
    t = list(target)
    for level in reversed(range(len(weights))):
        y = outputs[level + 1]
        error = [(y[j] - t[j]) * y[j] * (1 - y[j]) for j in range(len(y))]
        t = [-tau * sum(weights[level][j, i] * error[j] for j in range(len(y))) for i in range(len(outputs[level]))]
    return t


def match(features, images, labels):
    overall, total = sum(images) / len(images), 0.0
    for k, one in enumerate(features):
        own = [image for image, label in zip(images, labels, strict=True) if label == k]
        direction = sum(own) / len(own) - overall
        total += np.dot(one, direction) / np.sqrt(np.dot(one, one) * np.dot(direction, direction))
    return total / len(features)


def overlap(features):
    found = []
    for i in range(len(features)):
        for j in range(i):
            one, other = features[i], features[j]
            found.append(abs(one @ other) / np.sqrt((one @ one) * (other @ other)))
    return sum(found) / len(found)


def bend(x, y, places):
    best, least = None, np.inf
    for k in places:
        columns = np.array([[1, min(point - k, 0), max(point - k, 0)] for point in x])
        a, b, c = np.linalg.lstsq(columns, y, rcond=None)[0]
        squares = 0.0
        for point, height in zip(x, y, strict=True):
            squares += (a + b * min(point - k, 0) + c * max(point - k, 0) - height) ** 2
        if squares < least:
            best, least = k, squares
    return float(best)


def two_parts(weights, tau):
    count = len(weights[-1])
    background = np.array(feature(weights, [0.0] * count, tau))
    return [background, [np.array(feature(weights, np.eye(count)[k], tau)) - background for k in range(count)]]
