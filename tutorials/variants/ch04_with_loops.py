"""Accepted: one image after the other, images drawn from a list, a counter of epochs without a better loss."""

import numpy as np


def cross_entropy(z, labels):
    losses, seed = [], np.zeros(np.shape(z))
    for n, (logits, label) in enumerate(zip(z, labels, strict=True)):
        e = np.exp(logits - max(logits))
        losses.append(np.log(e.sum()) - (logits[label] - max(logits)))
        seed[n] = e / e.sum()
        seed[n, label] -= 1
    return sum(losses) / len(losses), [row / len(losses) for row in seed]


def minibatches(count, size, rng):
    left, batches = list(range(count)), []
    while left:
        batches.append([left.pop(rng.integers(len(left))) for _ in range(min(size, len(left)))])
    return [np.array(batch) for batch in batches]


def momentum_step(weights, gradient, velocity, rate, momentum):
    for place in np.ndindex(weights.shape):
        velocity[place] = momentum * velocity[place] + gradient[place]
        weights[place] -= rate * velocity[place]


def train(net, x, labels, rate, epochs, batch_size, rng):
    history = []
    for _ in range(epochs):
        order, losses = rng.permutation(len(x)), np.zeros(len(x))
        for begin in range(0, len(x), batch_size):
            rows = order[begin : begin + batch_size]
            trace = net.trace(x[rows])
            seed = trace.output.copy()
            seed[np.arange(len(rows)), labels[rows]] -= 1
            losses[rows] = -np.log(trace.output[np.arange(len(rows)), labels[rows]])
            deltas = net.backward(trace, seed, at=net.logits)  # of the sum; the mean comes below
            for layer, of_layer in net.grads(trace, deltas).items():
                for name in of_layer:
                    weights = net[layer].params[name]
                    weights[...] = weights - rate / len(rows) * of_layer[name]
        history.append(losses.mean())
    return tuple(history)


def initial_weights(units, inputs, gain, rng):
    weights = np.empty((units, inputs))
    for place in np.ndindex(units, inputs):
        weights[place] = rng.normal(scale=(gain / inputs) ** 0.5)
    return weights


def epoch_to_keep(validation_losses, patience):
    kept, since = 0, 0
    for epoch in range(1, len(validation_losses)):
        if since == patience:
            return kept
        better = validation_losses[epoch] < min(validation_losses[:epoch])
        kept, since = (epoch, 0) if better else (kept, since + 1)
    return kept
