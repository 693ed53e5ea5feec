"""Accepted: blocks that are put together, extended precision, a statistic that grows with the variance."""

import numpy as np


def moments(snapshots):
    whole, block = None, []

    def joined(whole, block):
        part = len(block), np.mean(block, axis=0, dtype=np.float64), np.var(block, axis=0, dtype=np.float64)
        return part if whole is None else combined(whole, part)

    for values in snapshots:
        block.append(values)
        if len(block) == 3:
            whole, block = joined(whole, block), []
    if block:
        whole = joined(whole, block)
    return whole[1:]


def combined(one, other):
    (n, mean, variance), (m, other_mean, other_variance) = one, other
    together = (n * mean + m * other_mean) / (n + m)
    squares = n * (variance + (mean - together) ** 2) + m * (other_variance + (other_mean - together) ** 2)
    return np.int64(n + m), together, squares / (n + m)


def update_ratios(snapshots):
    found = []
    for k in range(1, len(snapshots)):
        before = snapshots[k - 1].astype(np.longdouble)
        found.append(np.sqrt(np.sum((snapshots[k] - before) ** 2)) / np.sqrt(np.sum(before**2)))
    return tuple(found)


def streak_shares(matrix):
    row_means = np.repeat(matrix.mean(axis=1, keepdims=True), matrix.shape[1], axis=1)
    column_means = np.repeat(matrix.mean(axis=0, keepdims=True), matrix.shape[0], axis=0)
    return np.var(row_means) / np.var(matrix), np.var(column_means) / np.var(matrix)


def p_of_rows(matrix, orders, rng):
    def size(flat):
        return np.sum(np.sum(flat.reshape(matrix.shape), axis=1) ** 2)

    found = [size(matrix)]
    for _ in range(orders):
        found.append(size(matrix.ravel()[rng.permutation(matrix.size)]))
    return float((np.array(found) >= found[0] - 1e-9).mean())
