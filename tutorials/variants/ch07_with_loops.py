"""Accepted: loops in the place of axes, Python's own tools, lists in the place of arrays."""

import itertools
import math
from collections import Counter, defaultdict


def silenced(activation, units):
    changed = activation.copy()
    for maps in changed:
        for unit in units:
            maps[unit] *= 0
    return changed


def first_order_change(activation, gradient):
    count, filters = activation.shape[:2]
    return [[-sum((activation[n, k] * gradient[n, k]).flat) for k in range(filters)] for n in range(count)]


def rank_correlation(one, other):
    ranks = [[sorted(values).index(value) for value in values] for values in (one, other)]
    size = len(one)
    return 1 - 6 * sum((a - b) ** 2 for a, b in zip(*ranks, strict=True)) / (size**3 - size)


def knockout_curve(net, x, labels, order):
    silent, errors = defaultdict(list), []
    for pair in [None, *order]:
        if pair:
            silent[pair[0]].append(pair[1])
        predicted = net.knocked_out(dict(silent))(x).argmax(axis=1)
        errors.append(sum(predicted != labels) / len(labels))
    return errors


def sign_flip_p_value(differences):
    sizes = [abs(float(difference)) for difference in differences]
    ways = [math.fsum(way) for way in itertools.product(*((size, -size) for size in sizes))]
    return sum(way >= math.fsum(differences) - 1e-12 * len(sizes) for way in ways) / len(ways)


def predicted_as(predictions, labels, classes):
    found = []
    for row in predictions:
        counts = [Counter(int(p) for p, label in zip(row, labels, strict=True) if label == c) for c in range(classes)]
        found.append([min(count, key=lambda p, count=count: (-count[p], p)) for count in counts])
    return found
