"""Accepted: SciPy's sums, orders by random keys or without replacement, steps through views, float32 weights."""

import numpy as np
from scipy.special import logsumexp, softmax
from scipy.stats import norm


def cross_entropy(z, labels):
    t = np.asarray(labels)[:, None] == np.arange(z.shape[1])
    return np.mean(logsumexp(z, axis=1) - z[t]), (softmax(z, axis=1) - t) / len(z)


def minibatches(count, size, rng):
    order = rng.choice(count, size=count, replace=False).astype(np.int32)
    return np.split(order, np.arange(size, count, size))


def momentum_step(weights, gradient, velocity, rate, momentum):
    np.add(np.multiply(velocity, momentum), gradient, out=velocity)
    weights += -rate * velocity


def train(net, x, labels, rate, epochs, batch_size, rng):
    losses = [0.0] * epochs
    for epoch in range(epochs):
        images, targets = x.copy(), np.array(labels)
        order = rng.random(len(x)).argsort()
        images, targets = images[order], targets[order]
        while len(images):
            batch, images = images[:batch_size], images[batch_size:]
            of_batch, targets = targets[:batch_size], targets[batch_size:]
            trace = net.trace(batch)
            loss, seed = cross_entropy(trace[net.logits], of_batch)
            grads = net.grads(trace, net.backward(trace, seed, at=net.logits))
            for layer in net.layers:
                for name, weights in layer.params.items():
                    np.subtract(weights, rate * grads[layer.name][name], out=weights)
            losses[epoch] += loss * len(batch) / len(x)
    return losses


def initial_weights(units, inputs, gain, rng):
    return norm.rvs(scale=np.sqrt(gain / inputs), size=(units, inputs), random_state=rng).astype(np.float32)


def epoch_to_keep(validation_losses, patience):
    losses = np.asarray(validation_losses, dtype=float)
    bests = np.minimum.accumulate(losses)
    first = np.array([int(losses[: epoch + 1].argmin()) for epoch in range(len(bests))])
    over = np.flatnonzero(np.arange(len(losses)) - first >= patience)
    return first[over[0]] if len(over) else first[-1]
