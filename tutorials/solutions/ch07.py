"""Chapter 7, Do prediction gradients matter: the exercises.

Each function says what it should do and ends in ``raise NotImplementedError(...)``: put your code in the place of that
line. What a function is given it leaves as it is, unless its text says otherwise. In the folder of the chapters,
``python -m pytest exercises/test_ch07.py`` says what is solved, what is wrong, and what you have not tried yet.
"""

import itertools

import numpy as np


def silenced(activation, units):
    """Exercise 7.1: Silence filters.

    `activation` of shape (N, filters, height, width) is what a layer puts out for N images. Return a new array of the
    same shape in which the maps of the filters in the list `units` are 0 for all images. `activation` stays as it is.
    """
    # BEGIN SOLUTION
    changed = np.array(activation)
    changed[:, units] = 0
    return changed
    # END SOLUTION


def first_order_change(activation, gradient):
    """Exercise 7.2: The change to first order.

    `activation` and `gradient`, both of shape (N, filters, height, width), are what a layer puts out for N images and
    the gradient of a prediction y with respect to it. Return an array of shape (N, filters): by how much y changes, to
    first order, when each filter alone is silenced.
    """
    # BEGIN SOLUTION
    return -(activation * gradient).sum(axis=(2, 3))
    # END SOLUTION


def rank_correlation(one, other):
    """Exercise 7.3: Rank correlation.

    Return Spearman's rank correlation of two arrays of shape (M,), in each of which no two values are equal: replace
    each value by its rank (0 for the smallest value, M - 1 for the largest) and return the correlation of the ranks,
    as np.corrcoef computes it.
    """
    # BEGIN SOLUTION
    ranks = [np.argsort(np.argsort(values)) for values in (one, other)]
    return np.corrcoef(*ranks)[0, 1]
    # END SOLUTION


def knockout_curve(net, x, labels, order):
    """Exercise 7.4: A knock-out curve.

    `order` is a list of M pairs of a layer's name and a filter's index, such as [("tanh1", 2), ("tanh2", 0)]; a layer
    may come several times. Return an array of shape (M + 1,): the share of the N images x that are misclassified when
    the first 0, 1, ..., M filters of the list are silent, all at once. net.knocked_out({"tanh1": [2, 3], "tanh2": [0]})
    returns a network in which the filters named are silent; a network called on images, net(x), returns outputs of
    shape (N, K), and the class of the largest is the one that an image is predicted as.
    """
    # BEGIN SOLUTION
    errors = []
    for count in range(len(order) + 1):
        silent = {name: [] for name, _ in order[:count]}
        for name, index in order[:count]:
            silent[name].append(index)
        errors.append(np.mean(net.knocked_out(silent)(x).argmax(axis=1) != labels))
    return np.array(errors)
    # END SOLUTION


def sign_flip_p_value(differences):
    """Exercise 7.5: Is it chance?

    `differences` of shape (M,) holds one number for each person, such as the harm of one order less that of another.
    If it made no difference which order is which, each number could as well have the other sign. Return the share of
    all 2**M ways to choose the signs (of the absolute values) whose mean is at least the mean that was observed. What
    was observed is one of the ways, so the share is never 0. Rounding must not decide about equal means: let a mean
    count as at least the observed one if it falls short of it by less than 1e-12. M is at most 15.
    """
    # BEGIN SOLUTION
    differences = np.asarray(differences, np.float64)
    signs = np.array(list(itertools.product([1, -1], repeat=len(differences))))
    means = signs @ abs(differences) / len(differences)
    return np.mean(means >= differences.mean() - 1e-12)
    # END SOLUTION


def predicted_as(predictions, labels, classes):
    """Exercise 7.6: Predicted as whom.

    `predictions` of shape (S, N) holds the class that each of N images is predicted as at each of S steps, and
    `labels` of shape (N,) their true classes. Return an array of shape (S, classes): entry (s, c) is the class that
    most images of class c are predicted as at step s, the lowest one if several come equally often. Every class has an
    image.
    """
    # BEGIN SOLUTION
    found = np.empty((len(predictions), classes), int)
    for step, row in enumerate(predictions):
        for label in range(classes):
            found[step, label] = np.bincount(row[labels == label], minlength=classes).argmax()
    return found
    # END SOLUTION
