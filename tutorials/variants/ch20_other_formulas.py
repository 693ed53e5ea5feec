"""Accepted: means of sizes, sums of splits by a matrix product, SciPy's q-values, Song's estimate, z-scores."""

from itertools import product

import numpy as np
from scipy import stats


def mass_over_area(heights, mask):
    return np.abs(heights[mask]).mean() / np.abs(heights).mean()


def permutation_p(a, b):
    both, n, m = np.concatenate([a, b]), len(a), len(b)
    signs = np.array([row for row in product((0, 1), repeat=n + m) if sum(row) == n])
    differences = np.abs(signs @ both / n - (1 - signs) @ both / m)
    return (differences >= abs(a.mean() - b.mean()) - 1e-9).mean()


def q_values(p):
    return stats.false_discovery_control(p, method="bh")


def cka(X, Y):
    def gram(features):
        centred = features - features.mean(axis=0, keepdims=True)
        K = centred @ centred.T
        np.fill_diagonal(K, 0)
        return K

    def hsic(K, L):
        n = len(K)
        return (K * L).sum() + K.sum() * L.sum() / ((n - 1) * (n - 2)) - 2 / (n - 2) * (K @ L).sum()

    K, L = gram(X), gram(Y)
    return hsic(K, L) / np.sqrt(hsic(K, K)) / np.sqrt(hsic(L, L))


def order_by_partner(own, other, scores):
    a, b = stats.zscore(own, axis=0), stats.zscore(other, axis=0)
    partners = np.einsum("nk,nm->km", a, b).argmax(axis=1)
    return np.lexsort((np.arange(len(partners)), -scores[partners]))
