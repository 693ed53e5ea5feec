"""Accepted: intervals from sets of places, sorted lists, the winner of a window found pixel by pixel, recursion."""

import numpy as np


def pixels_seen(windows, place):
    seen = {place}
    for size, stride, padding in windows[::-1]:
        seen = {one * stride - padding + offset for one in seen for offset in range(size)}
    return min(seen), max(seen)


def best_places(maps, count):
    best = []
    for image, each in enumerate(maps.tolist()):
        value, row, column = max((value, -r, -c) for r, line in enumerate(each) for c, value in enumerate(line))
        best.append((-value, image, -row, -column))
    return [place for _, *place in sorted(best)[:count]]


def unpool(signal, x):
    found = [[0.0] * x.shape[1] for _ in range(x.shape[0])]
    for i in range(signal.shape[0]):
        for j in range(signal.shape[1]):
            winner = None
            for k in (2 * i, 2 * i + 1):
                for m in (2 * j, 2 * j + 1):
                    if winner is None or x[k, m] > x[winner]:
                        winner = k, m
            found[winner[0]][winner[1]] = float(signal[i, j])
    return found


def carried_back(weights, x, unit, rule):
    def down(layer, activation):
        if layer == len(weights) - 1:
            return weights[layer][unit]
        u = weights[layer] @ activation
        arrived = down(layer + 1, np.where(u > 0, u, 0))
        if rule in ("deconvolution", "guided"):
            arrived = np.where(arrived > 0, arrived, 0)
        if rule in ("gradient", "guided"):
            arrived = np.where(u > 0, arrived, 0)
        return weights[layer].T @ arrived

    return down(0, x)
