"""Accepted: number by number, and lists for what is returned."""

from math import factorial

import numpy as np


def integrated_gradients(gradient, x, baseline, steps):
    total = np.zeros(x.shape)
    for number in range(steps):
        a = (2 * number + 1) / (2 * steps)
        total = total + gradient((1 - a) * baseline + a * x)
    return [(end - start) * slope / steps for end, start, slope in zip(x, baseline, total, strict=True)]


def kinks(W, b, x, baseline):
    places = []
    for row, bias in zip(W, b, strict=True):
        start, end = sum(row * baseline) + bias, sum(row * x) + bias
        if (start < 0 < end) or (end < 0 < start):
            places.append(start / (start - end))
    return sorted(places)


def grad_cam(maps, slopes):
    total = 0.0
    for one, slope in zip(maps, slopes, strict=True):
        total = total + one * slope.mean()
    total[total < 0] = 0
    return total


def lrp_epsilon(W, b, x, relevance, eps):
    found = [0.0] * len(x)
    for j in range(len(b)):
        z = sum(W[j][i] * x[i] for i in range(len(x))) + b[j]
        z += eps if z >= 0 else -eps
        for i in range(len(x)):
            found[i] += x[i] * W[j][i] * relevance[j] / z
    return found


def shapley(worth, players):
    values = [0.0] * players
    for player in range(players):
        others = [other for other in range(players) if other != player]
        for bits in range(2 ** len(others)):
            some = frozenset(other for place, other in enumerate(others) if bits >> place & 1)
            weight = factorial(len(some)) * factorial(players - len(some) - 1) / factorial(players)
            values[player] += weight * (worth(some | {player}) - worth(some))
    return values
