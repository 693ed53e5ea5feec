"""Chapter 5, Prediction gradients: the exercises.

Each function says what it should do and ends in ``raise NotImplementedError(...)``: put your code in the place of that
line. What a function is given it leaves as it is, unless its text says otherwise. In the folder of the chapters,
``python -m pytest exercises/test_ch05.py`` says what is solved, what is wrong, and what you have not tried yet.
"""

import numpy as np


def logit_gradients(net, x, target):
    """Exercise 5.1: The gradients of all units.

    Return the gradient of the logit of class `target`, an integer, with respect to the output of each layer, for each
    of the N images x: what net.backward(trace, seed, at=...) returns, a mapping from names such as "tanh1" to arrays of
    shape (N, *unit shape). You have net.trace(x); net.logits, the name of the output that holds the logits; and
    net.output_shape, which is (K,) for K classes.
    """
    # BEGIN SOLUTION
    return net.backward(net.trace(x), np.eye(net.output_shape[0])[target], at=net.logits)
    # END SOLUTION


def probability_seed(p, target):
    """Exercise 5.2: The seed of a probability.

    Given the probabilities p of N images, of shape (N, K), return the seed at the logits that makes backpropagation
    carry back the gradients of the probability of class `target`, an integer: row n is p_c (e_c - p) of image n, of
    shape (N, K) in all.
    """
    # BEGIN SOLUTION
    return p[:, [target]] * (np.eye(p.shape[1])[target] - p)
    # END SOLUTION


def from_training_deltas(deltas, p, labels):
    """Exercise 5.3: Read them off.

    `deltas` maps names of layers to arrays of shape (N, *unit shape): the gradients of the *mean* cross-entropy of a
    mini-batch of N images, as training computes them. `p` of shape (N, K) holds the probabilities and `labels` the N
    true classes. Return a dict of the same names and shapes: the gradients of each image's own p_t, its probability of
    its true class.
    """
    # BEGIN SOLUTION
    factors = -len(labels) * p[np.arange(len(labels)), labels]
    return {name: delta * factors.reshape(-1, *[1] * (delta.ndim - 1)) for name, delta in deltas.items()}
    # END SOLUTION


def class_means(gradients, labels, classes):
    """Exercise 5.4: The mean of each class.

    Return the class gradients, of shape (classes, *unit shape): entry c is the mean of the gradients, of shape
    (N, *unit shape), over the images whose label is c. Every class has an image.
    """
    # BEGIN SOLUTION
    return np.stack([gradients[labels == c].mean(axis=0) for c in range(classes)])
    # END SOLUTION


def convolutional_gradient(gradient):
    """Exercise 5.5: One number a filter.

    Return the Frobenius norm of each filter's map, of shape (..., filters), of gradients of shape
    (..., filters, height, width), with any number of leading axes.
    """
    # BEGIN SOLUTION
    return np.sqrt(np.square(gradient).sum(axis=(-2, -1)))
    # END SOLUTION


def rank_filters(scores):
    """Exercise 5.6: All filters in one ranking.

    `scores` maps names of layers to one number for each filter, such as {"tanh1": [0.1, 0.7], "tanh2": [0.4]}. Return
    the list of all pairs (name, index), the highest score first: [("tanh1", 1), ("tanh2", 0), ("tanh1", 0)]. Equal
    scores keep the order in which they come.
    """
    # BEGIN SOLUTION
    filters = [(name, index) for name, of_layer in scores.items() for index in range(len(of_layer))]
    return sorted(filters, key=lambda unit: -scores[unit[0]][unit[1]])
    # END SOLUTION
