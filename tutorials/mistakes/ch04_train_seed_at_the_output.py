"""Caught by: test_ch04_train_on_whole_batches, test_ch04_train_on_mini_batches, test_ch04_train_shuffles_each_epoch.

The seed p - t belongs to the logits; at the output, softmax is derived a second time.
"""

import numpy as np

from tinynet import CrossEntropy


def train(net, x, labels, rate, epochs, batch_size, rng):
    losses, loss = [], CrossEntropy()
    for _ in range(epochs):
        total = 0.0
        order = rng.permutation(len(x))
        for begin in range(0, len(x), batch_size):
            rows = order[begin : begin + batch_size]
            trace = net.trace(x[rows])
            targets = np.eye(net.output_shape[0])[labels[rows]]
            seed = loss.seed(net, trace, targets)
            grads = net.grads(trace, net.backward(trace, seed, at=None))
            for layer, of_layer in grads.items():
                for name, gradient in of_layer.items():
                    net[layer].params[name] -= rate * gradient
            total += loss.value(net, trace, targets) * len(rows)
        losses.append(total / len(x))
    return losses
