"""Accepted: the library's own blocks, in single precision."""

import numpy as np
from scipy.special import logit

import tinynet as tn


def block_of(weights):
    layers = [
        layer
        for W in weights
        for layer in (tn.Dense(len(W), bias=False).with_params({"W": np.float32(W)}), tn.Sigmoid())
    ]
    return tn.Network(layers, (weights[0].shape[1],), dtype=np.float32)


def target_below(W, x, t, tau, start):
    block = block_of([W])
    return block.propagate_targets(block.trace(x), t, tn.GradientTargets(tau, start)).input


def look_again(W, x, t, tau, period):
    block = block_of([W])
    return block.propagate_targets(block.trace(x), t, tn.GradientTargets(tau, "zero", period)).input


def weight_gradients(weights, x, wanted, tau):
    net = block_of(weights)
    trace = net.trace(x)
    targets = net.propagate_targets(trace, wanted, tn.GradientTargets(tau))
    grads = net.grads(trace, net.target_deltas(trace, targets, 1 / len(x)))
    return [grads[f"dense{number}"]["W"] for number in range(1, len(weights) + 1)]


def targets_from_deltas(outputs, deltas, tau):
    result = list(outputs)
    for level in range(len(result)):
        result[level] = np.subtract(result[level], np.multiply(tau ** (len(result) - 1 - level), deltas[level]))
    return result


def hebbian_part(below, y):
    y, below = y.astype(np.float32), below.astype(np.float32)
    return np.average(np.einsum("nu,ni->nui", y * (y - y * y), below), axis=0)


def difference_target(W, x, t, margin=1e-3):
    u, s, vt = np.linalg.svd(W, full_matrices=False)
    change = logit(np.minimum(np.maximum(t, margin), 1 - margin)) - x @ W.T
    return (x + change @ u / s @ vt).astype(np.float32)
