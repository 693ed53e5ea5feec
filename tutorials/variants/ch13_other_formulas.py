"""Accepted: recursion, einsum, an incidence table of all orders."""

import numpy as np


def integrated_gradients(gradient, x, baseline, steps):
    step = (x - baseline) / steps
    return np.sum([gradient(baseline + (number - 0.5) * step) * step for number in range(1, steps + 1)], axis=0)


def kinks(W, b, x, baseline):
    with np.errstate(divide="ignore", invalid="ignore"):
        places = -(W @ baseline + b) / (W @ (x - baseline))
    return np.sort(places[(places > 0) & (places < 1)])


def grad_cam(maps, slopes):
    return np.einsum("khw,k->hw", maps, np.einsum("khw->k", slopes) / slopes[0].size).clip(min=0)


def lrp_epsilon(W, b, x, relevance, eps):
    terms = W * x
    sums = terms.sum(axis=1) + b
    sign = np.sign(sums)
    sign[sign == 0] = 1
    return relevance @ (terms / (sums + eps * sign)[:, None])


def shapley(worth, players):
    def of(some):
        if not some:
            return np.zeros(players)
        values = np.zeros(players)
        for last in some:
            values += of(some - {last})
            values[last] += worth(some) - worth(some - {last})
        return values / len(some)

    return of(frozenset(range(players)))
