"""Accepted: weighted averages, differences of one group from the total, ranks, single precision."""

from itertools import combinations

import numpy as np


def mass_over_area(heights, mask):
    inside = np.average(np.abs(heights), weights=mask.astype(float))
    return np.float32(inside / np.average(np.abs(heights)))


def permutation_p(a, b):
    both, total, n, m = np.r_[a, b], np.sum(a) + np.sum(b), len(a), len(b)
    sums = np.fromiter((sum(chosen) for chosen in combinations(both, n)), float)
    differences = sums / n - (total - sums) / m
    return np.count_nonzero(np.abs(differences) > np.abs(differences[0]) - 1e-9) / len(sums)


def q_values(p):
    later = p[:, None] <= p[None, :]
    rank = (p[None, :] <= p[:, None]).sum(axis=1)
    scaled = np.where(later, p[None, :] * len(p) / rank[None, :], np.inf)
    return scaled.min(axis=1)


def cka(X, Y):
    n = len(X)
    centre = np.eye(n) - np.full((n, n), 1 / n)
    x, y = centre @ X, centre @ Y

    def h(x, y):
        r_x, r_y = np.einsum("ij,ij->i", x, x), np.einsum("ij,ij->i", y, y)
        product = np.linalg.norm(x.T @ y) ** 2
        return product - r_x.dot(r_y) * n / (n - 2) + np.outer(r_x, r_y).sum() / (n - 1) / (n - 2)

    return h(x, y) / np.exp((np.log(h(x, x)) + np.log(h(y, y))) / 2)


def order_by_partner(own, other, scores):
    a, b = own - own.mean(axis=0), other - other.mean(axis=0)
    lengths = np.sqrt((b**2).sum(axis=0))
    partners = np.argmax(a.T @ b / lengths, axis=1)  # the own length is the same for all partners
    return list(np.argsort(-np.take(scores, partners), kind="stable"))
