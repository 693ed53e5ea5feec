"""Caught by: test_ch04_train_changes_weights_in_place.

New arrays under the old names: whoever holds the old ones sees nothing of the training.
"""

import numpy as np

from tinynet import CrossEntropy


def train(net, x, labels, rate, epochs, batch_size, rng):
    losses, loss = [], CrossEntropy()
    targets = np.eye(net.output_shape[0])[labels]
    for _ in range(epochs):
        total = 0.0
        order = rng.permutation(len(x))
        for begin in range(0, len(x), batch_size):
            rows = order[begin : begin + batch_size]
            trace = net.trace(x[rows])
            grads = net.grads(trace, net.backward(trace, loss.seed(net, trace, targets[rows]), at=net.logits))
            for layer, of_layer in grads.items():
                for name, gradient in of_layer.items():
                    net[layer].params[name] = net[layer].params[name] - rate * gradient
            total += loss.value(net, trace, targets[rows]) * len(rows)
        losses.append(total / len(x))
    return losses
