"""Accepted: a product with zeros and ones, matrix products, covariances, counts by comparison, NumPy's own numbers."""

import numpy as np


def silenced(activation, units):
    factors = np.ones((1, activation.shape[1], 1, 1), activation.dtype)
    factors[:, units] = 0
    return activation * factors


def first_order_change(activation, gradient):
    shape = activation.shape
    rows = activation.reshape(*shape[:2], 1, -1)
    return (-rows @ gradient.reshape(*shape[:2], -1, 1))[..., 0, 0]


def rank_correlation(one, other):
    ranks = np.stack([(values[:, None] > values).sum(axis=1) for values in (one, other)]).astype(np.float64)
    ranks -= ranks.mean(axis=1, keepdims=True)
    covariances = ranks @ ranks.T
    return covariances[0, 1] / np.sqrt(covariances[0, 0] * covariances[1, 1])


def knockout_curve(net, x, labels, order):
    def error(units):
        silent = {}
        for name, index in units:
            silent = silent | {name: [*silent.get(name, []), np.int64(index)]}
        outputs = np.concatenate([net.knocked_out(silent)(x[[n]]) for n in range(len(x))])
        return (outputs.argmax(axis=1) != labels).mean()

    return tuple(error(order[:count]) for count in range(len(order) + 1))


def sign_flip_p_value(differences):
    ways = np.zeros(1)
    for size in np.abs(differences):
        ways = np.concatenate([ways + size, ways - size])
    return (ways / len(differences) > np.mean(differences) - 1e-12).mean(dtype=np.float64)


def predicted_as(predictions, labels, classes):
    one_hot = np.eye(classes, dtype=int)
    counts = one_hot[labels].T @ one_hot[predictions]
    return counts.argmax(axis=-1).astype(np.int8)
