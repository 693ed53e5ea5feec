"""Accepted: einsum, chains of products, recursion."""

import numpy as np


def share_in(pictures, inside, outside):
    positive = (pictures + abs(pictures)) / 2
    first, second = np.einsum("uhw,rhw->ru", positive, np.array([inside, outside], float))
    return np.divide(first, first + second, out=np.full(len(pictures), np.nan), where=first + second > 0)


def response_gap(outputs, labels):
    one_hot = np.eye(3)[labels]
    means = one_hot.T @ outputs / one_hot.sum(axis=0)[:, None]
    high, low = means.max(axis=0), means.min(axis=0)
    gap = means.sum(axis=0) - high - 2 * low
    return np.divide(gap, high, out=np.zeros_like(high), where=high > 0)


def linear_path(matrices, size):
    chain = list(matrices)
    while len(chain) > 1:
        last, before = chain.pop(), chain.pop()
        chain.append(np.dot(last, before))
    return chain[0].reshape(len(matrices[-1]), size[0], size[1])


def path_of(matrices, x):
    def down(matrices, signal):
        if len(matrices) == 1:
            return matrices[0]
        z = matrices[0] @ signal
        return down(matrices[1:], z.clip(min=0)) @ np.diag(np.heaviside(z, 0)) @ matrices[0]

    return down(list(matrices), x.reshape(-1)).reshape(-1, *x.shape)
