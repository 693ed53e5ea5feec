"""Chapter 1, Neurons and layers: the exercises.

Each function says what it should do and ends in ``raise NotImplementedError(...)``: put your code in the place of that
line. What a function is given it leaves as it is, unless its text says otherwise. In the folder of the chapters,
``python -m pytest exercises/test_ch01.py`` says what is solved, what is wrong, and what you have not tried yet.
"""

import numpy as np


def sigmoid(z):
    """Exercise 1.1: A sigmoid that never overflows.

    Return 1 / (1 + exp(-z)) for an array z of floating-point numbers, of any shape and any size: exp(800) is more than
    a float can hold, yet sigmoid(-800) is simply 0. Hint: for z < 0, multiply numerator and denominator by exp(z).
    """
    # BEGIN SOLUTION
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, small) / (1 + small)
    # END SOLUTION


def net_input(W, a, b):
    """Exercise 1.2: The net input of a layer.

    Return z = W a + b for the weights W of shape (units, inputs), the biases b of shape (units,), and activations a of
    shape (..., inputs): one vector, or a batch of them, or a batch of batches. The result has shape (..., units).
    """
    # BEGIN SOLUTION
    return a @ W.T + b
    # END SOLUTION


def parity_network():
    """Exercise 1.3: Parity of three bits.

    Return W1, b1, W2, b2 of two layers of perceptrons that put out 1 if one or three of their three inputs are 1, and 0
    if none or two are. W1 has shape (3, 3), b1 (3,), W2 (1, 3) and b2 (1,). Set the numbers by hand, as the chapter
    does for XOR: what does it help to know about the number of ones?
    """
    # BEGIN SOLUTION
    W1 = np.ones((3, 3))  # each hidden unit counts the ones ...
    b1 = np.array([-0.5, -1.5, -2.5])  # ... and says whether there are at least one, two, three
    W2 = np.array([[1.0, -1.0, 1.0]])
    b2 = np.array([-0.5])
    return W1, b1, W2, b2
    # END SOLUTION


def polygon_network(corners):
    """Exercise 1.4: A polygon out of half-planes.

    Return W1, b1, W2, b2 of two layers of perceptrons that put out 1 for the points inside a convex polygon and 0 for
    those outside. Its corners, of shape (n, 2), are given counter-clockwise, so the inside lies to the left of each
    edge from p to q. W1 has shape (n, 2), one unit an edge, b1 (n,), W2 (1, n) and b2 (1,).
    Hint: turning the edge q - p = (u, v) to the left by a right angle gives (-v, u), which points inside.
    """
    # BEGIN SOLUTION
    edges = np.roll(corners, -1, axis=0) - corners
    W1 = np.stack([-edges[:, 1], edges[:, 0]], axis=1)
    b1 = -(W1 * corners).sum(axis=1)
    W2 = np.ones((1, len(corners)))
    b2 = np.array([0.5 - len(corners)])
    return W1, b1, W2, b2
    # END SOLUTION


def activations(layers, x):
    """Exercise 1.5: A forward pass, kept.

    Return the list [x, a1, a2, ...] of the input and of what each layer puts out; each layer takes what the one before
    put out, by its method forward(x). Do not change x, and keep nothing on the layers.
    """
    # BEGIN SOLUTION
    kept = [x]
    for layer in layers:
        kept.append(layer.forward(kept[-1]))
    return kept
    # END SOLUTION


def as_vectors(images):
    """Exercise 1.6: Faces as vectors.

    Return images of shape (N, 1, height, width) as vectors of shape (N, height * width), row after row: entry
    i * width + j of a vector is the pixel in row i and column j.
    """
    # BEGIN SOLUTION
    return images.reshape(len(images), -1)
    # END SOLUTION
