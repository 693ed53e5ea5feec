"""Accepted: Welford's product of two distances, weighted averages, sums of squares, all orders at once."""

import numpy as np


def moments(snapshots):
    count, mean, squares = 0, np.float64(0), np.float64(0)
    for values in snapshots:
        count += 1
        before = mean
        mean = before + (values.astype(np.float64) - before) / count
        squares = squares + (values - before) * (values - mean)
    return np.stack([mean, squares / count])


def combined(one, other):
    counts = np.array([one[0], other[0]])
    means, variances = np.array([one[1], other[1]]), np.array([one[2], other[2]])
    mean = np.average(means, axis=0, weights=counts)
    return counts.sum(), mean, np.average(variances + (means - mean) ** 2, axis=0, weights=counts)


def update_ratios(snapshots):
    rows = np.array([weights.ravel() for weights in snapshots], np.float64)
    moved = np.diff(rows, axis=0)
    return np.sqrt(np.einsum("tn,tn->t", moved, moved) / np.einsum("tn,tn->t", rows[:-1], rows[:-1]))


def streak_shares(matrix):
    height, width = matrix.shape
    centred = matrix - matrix.mean()
    whole = (centred**2).sum()
    return np.array([(centred.sum(1) ** 2).sum() / width, (centred.sum(0) ** 2).sum() / height]) / whole


def p_of_rows(matrix, orders, rng):
    shuffled = rng.permuted(np.tile(matrix.ravel(), (orders, 1)), axis=1)
    every = np.concatenate([matrix.reshape(1, -1), shuffled]).reshape(-1, *matrix.shape)
    between = every.mean(axis=2).var(axis=1)
    return np.mean(between >= between[0] - 1e-12)
