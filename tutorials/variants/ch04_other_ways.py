"""Accepted: mini-batches from a generator, NumPy's own in-place operations, a counter of failures."""

import numpy as np
from scipy.special import log_softmax

import tinynet as tn


def cross_entropy(z, labels):
    log_p = log_softmax(z, axis=1)
    one_hot = np.eye(z.shape[1])[labels]
    return -(log_p * one_hot).sum() / len(z), (np.exp(log_p) - one_hot) / len(z)


def minibatches(count, size, rng):
    order = np.arange(count)
    rng.shuffle(order)
    for begin in range(0, count, size):
        yield order[begin : begin + size]


def momentum_step(weights, gradient, velocity, rate, momentum):
    velocity[...] = momentum * velocity + gradient
    np.subtract(weights, rate * velocity, out=weights)


def train(net, x, labels, rate, epochs, batch_size, rng):
    losses, loss = [], tn.CrossEntropy()
    targets = np.eye(net.output_shape[0])[labels]
    for _ in range(epochs):
        order = np.argsort(rng.random(len(x)))
        of_images = []
        for rows in np.split(order, range(batch_size, len(x), batch_size)):
            trace = net.trace(x[rows])
            of_images += [loss.value(net, trace, targets[rows])] * len(rows)
            grads = net.grads(trace, net.backward(trace, loss.seed(net, trace, targets[rows]), at=net.logits))
            for layer, of_layer in grads.items():
                for name, gradient in of_layer.items():
                    net[layer].params[name][...] -= rate * gradient
        losses.append(np.mean(of_images))
    return np.array(losses)


def initial_weights(units, inputs, gain, rng):
    return [rng.standard_normal(inputs) * (gain / inputs) ** 0.5 for _ in range(units)]


def epoch_to_keep(validation_losses, patience):
    best, failures, epoch = np.inf, 0, -1
    for epoch, loss in enumerate(validation_losses):  # noqa: B007
        failures = 0 if loss < best else failures + 1
        best = min(best, loss)
        if failures == patience:
            break
    return np.argmin(validation_losses[: epoch + 1])
