"""Accepted: recursion, Jacobians as whole matrices, the normal equations."""

import numpy as np


def jacobian(W, x):
    y = 1 / (1 + np.exp(-(W @ x)))
    return y, np.diag(y * (1 - y)) @ W


def down(weights, x, target, tau):
    if not weights:
        return target
    y, J = jacobian(weights[0], x)
    return -tau * J.T @ (y - down(weights[1:], y, target, tau))


def feature(weights, target, tau):
    return down(weights, np.zeros(weights[0].shape[1]), target, tau)


def match(features, images, labels):
    classes = np.eye(len(features))[labels]
    directions = classes.T @ images / classes.sum(axis=0)[:, None] - images.mean(axis=0)
    products = np.einsum("kp,kp->k", features, directions)
    squares = np.einsum("kp,kp->k", features, features) * np.einsum("kp,kp->k", directions, directions)
    return np.mean(products / np.sqrt(squares))


def overlap(features):
    gram = features @ features.T
    lengths = np.sqrt(np.diag(gram))
    return np.abs(np.triu(gram / np.outer(lengths, lengths), k=1)).sum() / (len(gram) * (len(gram) - 1) / 2)


def bend(x, y, places):
    squares = []
    for k in places:
        columns = np.vander(x, 2, increasing=True)
        columns = np.c_[columns, np.abs(x - k)]
        best = np.linalg.solve(columns.T @ columns, columns.T @ y)
        squares.append(((y - columns @ best) ** 2).sum())
    return places[int(np.argmin(squares))]


def two_parts(weights, tau):
    x, product = np.zeros(weights[0].shape[1]), np.eye(weights[0].shape[1])
    for W in weights:
        x, J = jacobian(W, x)
        product = J @ product
    nobody = np.zeros(len(weights[-1]))
    return feature(weights, nobody, tau), tau ** len(weights) * product
