"""Caught by: test_ch04_train_on_mini_batches, test_ch04_train_reports_the_mean_over_images.

A small last mini-batch counts as much as a whole one.
"""

import numpy as np

from tinynet import CrossEntropy


def train(net, x, labels, rate, epochs, batch_size, rng):
    losses, loss = [], CrossEntropy()
    for _ in range(epochs):
        batches = []
        order = rng.permutation(len(x))
        for begin in range(0, len(x), batch_size):
            rows = order[begin : begin + batch_size]
            trace = net.trace(x[rows])
            targets = np.eye(net.output_shape[0])[labels[rows]]
            seed = loss.seed(net, trace, targets)
            grads = net.grads(trace, net.backward(trace, seed, at=net.logits))
            for layer, of_layer in grads.items():
                for name, gradient in of_layer.items():
                    net[layer].params[name] -= rate * gradient
            batches.append(loss.value(net, trace, targets))
        losses.append(np.mean(batches))
    return losses
