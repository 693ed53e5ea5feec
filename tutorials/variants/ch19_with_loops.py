"""Accepted: sums by hand, the first snapshot as the origin, a generator of ratios."""

import numpy as np


def moments(snapshots):
    snapshots = iter(snapshots)
    origin = np.array(next(snapshots), np.float64)
    count, total, squares = 1, np.zeros_like(origin), np.zeros_like(origin)
    for values in snapshots:
        moved = values - origin
        count, total, squares = count + 1, total + moved, squares + moved**2
    return origin + total / count, squares / count - (total / count) ** 2


def combined(one, other):
    n, m = one[0], other[0]
    second = [part[2] + part[1] ** 2 for part in (one, other)]
    mean = (n * one[1] + m * other[1]) / (n + m)
    return [n + m, mean, (n * second[0] + m * second[1]) / (n + m) - mean**2]


def update_ratios(snapshots):
    before = None
    for after in snapshots:
        if before is not None:
            yield (((after - before) ** 2).sum() / (before**2).sum()) ** 0.5
        before = after


def streak_shares(matrix):
    def variance(values):
        mean = sum(values) / len(values)
        return sum((value - mean) ** 2 for value in values) / len(values)

    rows = [sum(row) / len(row) for row in matrix.tolist()]
    columns = [sum(column) / len(column) for column in zip(*matrix.tolist(), strict=True)]
    whole = variance(matrix.ravel().tolist())
    return [variance(rows) / whole, variance(columns) / whole]


def p_of_rows(matrix, orders, rng):
    entries, count = matrix.copy(), 1
    observed = entries.mean(axis=1).var()
    for _ in range(orders):
        flat = entries.ravel()
        rng.shuffle(flat)
        if flat.reshape(entries.shape).mean(axis=1).var() >= observed:
            count += 1
    return count / (orders + 1)
