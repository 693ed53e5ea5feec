"""Accepted: Python's stable sort, loops, lists of what is kept; numbers are returned as NumPy's own."""

import numpy as np


def weakest(scores, count):
    marked = [[False] * len(row) for row in scores]
    for row, marks in zip(scores, marked, strict=True):
        for unit in sorted(range(len(row)), key=lambda unit, row=row: row[unit])[:count]:
            marks[unit] = True
    return marked


def everywhere_by_chance(weak, sizes):
    expected, start = 0.0, 0
    for size in sizes:
        chance = 1.0
        for row in weak:
            chance *= sum(row[start : start + size]) / size
        expected, start = expected + size * chance, start + size
    return expected


def constant_filters(activations):
    return [k for k in range(activations.shape[1]) if len(set(activations[:, k].ravel().tolist())) == 1]


def without_filters(W, b, W_next, removed):
    kept = [k for k in range(len(W)) if k not in removed]
    return [W[kept], b[kept], W_next[:, kept]]


def without_maps(W, removed, filters):
    places = W.shape[1] // filters
    return np.hstack([W[:, k * places : (k + 1) * places] for k in range(filters) if k not in removed])


def bias_with_constant(W_next, b_next, unit, value):
    return [b + sum(value * w for w in of_one[unit].flat) for b, of_one in zip(b_next, W_next, strict=True)]
