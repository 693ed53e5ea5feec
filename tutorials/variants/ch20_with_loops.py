"""Accepted: pixel by pixel, all ways to order the networks, and q-values as their definition reads."""

from itertools import permutations

import numpy as np


def mass_over_area(heights, mask):
    inside = total = area = 0
    for place in np.ndindex(heights.shape):
        total += abs(heights[place])
        if mask[place]:
            inside, area = inside + abs(heights[place]), area + 1
    return inside / total * heights.size / area


def permutation_p(a, b):
    a, b = list(a), list(b)
    observed, count, every = abs(sum(a) / len(a) - sum(b) / len(b)), 0, 0
    for order in permutations(a + b):
        first, second = order[: len(a)], order[len(a) :]
        count += abs(sum(first) / len(first) - sum(second) / len(second)) >= observed - 1e-9
        every += 1
    return count / every


def q_values(p):
    ordered = sorted(p)
    size = len(ordered)
    q = [min(ordered[j] * size / (j + 1) for j in range(k, size)) for k in range(size)]
    return [q[ordered.index(value)] for value in p]


def cka(X, Y):
    def centred(values):
        return np.array([column - column.mean() for column in values.T]).T

    def h(x, y):
        n, same = len(x), range(len(x))
        above = sum((x[i] @ x[j]) * (y[i] @ y[j]) for i in same for j in same)
        r_x, r_y = [row @ row for row in x], [row @ row for row in y]
        above -= n / (n - 2) * sum(one * two for one, two in zip(r_x, r_y, strict=True))
        return above + sum(r_x) * sum(r_y) / ((n - 1) * (n - 2))

    x, y = centred(X), centred(Y)
    return h(x, y) / (h(x, x) * h(y, y)) ** 0.5


def order_by_partner(own, other, scores):
    of_partner = []
    for mine in own.T:
        correlations = [np.corrcoef(mine, theirs)[0, 1] for theirs in other.T]
        of_partner.append(scores[correlations.index(max(correlations))])
    return sorted(range(len(of_partner)), key=of_partner.__getitem__, reverse=True)
