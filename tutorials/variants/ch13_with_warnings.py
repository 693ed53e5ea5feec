"""Accepted: single precision, and divisions by zero that are thrown away."""

from itertools import permutations
from math import factorial

import numpy as np


def integrated_gradients(gradient, x, baseline, steps):
    middles = np.linspace(1 / (2 * steps), 1 - 1 / (2 * steps), steps)
    slopes = np.stack([np.asarray(gradient(baseline + a * (x - baseline)), np.float32) for a in middles])
    return np.average(slopes, axis=0) * np.subtract(x, baseline)


def kinks(W, b, x, baseline):
    places = -(W @ baseline + b) / (W @ x - W @ baseline)
    return np.array(sorted(place for place in places if 0 < place < 1), dtype=np.float32)


def grad_cam(maps, slopes):
    weights = slopes.reshape(len(slopes), -1).mean(axis=1)
    total = np.tensordot(weights, maps, axes=1)
    return total * (total > 0)


def lrp_epsilon(W, b, x, relevance, eps):
    z = np.dot(W, x) + b
    z = np.copysign(np.abs(z) + eps, np.where(z == 0, 1.0, z))
    return np.einsum("ji,i,j->i", W, x, relevance / z).astype(np.float32)


def shapley(worth, players):
    known = {}

    def height(some):
        if some not in known:
            known[some] = worth(some)
        return known[some]

    gains = np.zeros((factorial(players), players))
    for row, order in enumerate(permutations(range(players))):
        some = frozenset()
        for player in order:
            gains[row, player] = height(some | {player}) - height(some)
            some |= {player}
    return tuple(gains.mean(axis=0).tolist())
