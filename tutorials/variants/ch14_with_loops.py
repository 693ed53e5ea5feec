"""Accepted: pair by pair and pixel by pixel, one image at a time to the network."""

import numpy as np

from tinynet import explain


def ranks(values):
    values = np.ravel(values)
    return [sum(v < value for v in values) + (sum(v == value for v in values) + 1) / 2 for value in values]


def alike(one, other):
    total, count = 0.0, 0
    for first, second in zip(one, other, strict=True):
        if first.min() < first.max() and second.min() < second.max():
            a, b = (np.array(ranks(values)) - np.mean(ranks(values)) for values in (first, second))
            total += (a @ b) / np.sqrt((a @ a) * (b @ b))
            count += 1
    return total / count


def against_random(method, net, drawn, x, target):
    own = abs(np.array(method(net, x, target)))
    maps = [abs(np.array(method(other, x, target))) for other in drawn]
    values, controls = [], []
    for i in range(len(maps)):
        values += list(explain.rank_correlations(own, maps[i]))
        for j in range(i):
            controls += list(explain.rank_correlations(maps[i], maps[j]))
    return [sum(values) / len(values), sum(controls) / len(controls)]


def deletion_curve(predict, x, heights, steps, cover, rng):
    places = [(i, j) for i in range(x.shape[0]) for j in range(x.shape[1])]
    rng.shuffle(places)
    places.sort(key=lambda place: -heights[tuple(place)])
    found = []
    for step in range(steps + 1):
        image = x.copy()
        for i, j in places[: int(np.round(step / steps * x.size))]:
            image[i, j] = cover
        found.append(float(predict(image[np.newaxis])[0]))
    return found


def average_precision(heights, mask):
    pairs = list(zip(heights.ravel(), mask.ravel(), strict=True))
    found = []
    for height, inside in pairs:
        if inside:
            guesses = [truth for other, truth in pairs if other >= height]
            found.append(sum(guesses) / len(guesses))
    return sum(found) / len(found)


def passes(scores, edges, random):
    found = []
    for own, anew in zip(scores, random, strict=True):
        found.append(all(s > 2 * e and s > 2 * r for s, e, r in zip(own, edges, anew, strict=True)))
    return found


def my_method(net, x, target):
    maps = np.zeros_like(x)
    for number, image in enumerate(x):
        maps[number] = explain.integrated_gradients(net, image[None], int(target[number]), steps=20)[0]
    return maps * (x < 0.9)
