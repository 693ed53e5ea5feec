"""Chapter 11, Learning by targets: the exercises.

Each function says what it should do and ends in ``raise NotImplementedError(...)``: put your code in the place of that
line. What a function is given it leaves as it is, unless its text says otherwise. In the folder of the chapters,
``python -m pytest exercises/test_ch11.py`` says what is solved, what is wrong, and what you have not tried yet.

All blocks here are dense with a sigmoid behind and no biases: ``y = expit(x @ W.T)``, with W of shape (units, inputs)
and a batch x of shape (N, inputs).
"""

import numpy as np
from scipy.special import expit, logit


def target_below(W, x, t, tau, start):
    """Exercise 11.1: The target below.

    A block has the inputs x and the weights W; t, of shape (N, units), says what its outputs should have been. Return
    the target of its inputs, of the shape of x: one step of length tau down the error |y - t|^2 / 2 of each row, that
    starts at x if `start` is "activation", and at zeros if it is "zero".
    """
    # BEGIN SOLUTION
    y = expit(x @ W.T)
    step = tau * ((y - t) * y * (1 - y)) @ W
    return -step if start == "zero" else x - step
    # END SOLUTION


def look_again(W, x, t, tau, period):
    """Exercise 11.2: Look again.

    Return the target of the inputs after `period` steps. The first starts at zeros, with the slope that the error has
    at x. Each further step starts where the last one ended, with the slope that the error has there.
    """
    # BEGIN SOLUTION
    t_x, at = np.zeros_like(x), x
    for _ in range(period):
        y = expit(at @ W.T)
        t_x = t_x - tau * ((y - t) * y * (1 - y)) @ W
        at = t_x
    return t_x
    # END SOLUTION


def weight_gradients(weights, x, wanted, tau):
    """Exercise 11.3: What the weights learn from.

    `weights` are those of all blocks, from the first to the last; x of shape (N, inputs) are images, `wanted` of shape
    (N, K) the targets of the outputs. Carry the targets down by one step from zero for each block, and return a list
    with one array for each entry of `weights`, of its shape: the gradient of the error |y - t|^2 / 2 of that block,
    averaged over the images. Take steps with the weights as they are.
    """
    # BEGIN SOLUTION
    outputs = [x]
    for W in weights:
        outputs.append(expit(outputs[-1] @ W.T))
    gradients, t = [], wanted
    for W, below, y in zip(weights[::-1], outputs[-2::-1], outputs[:0:-1], strict=True):
        error = (y - t) * y * (1 - y)
        gradients.insert(0, error.T @ below / len(x))
        t = -tau * error @ W
    return gradients
    # END SOLUTION


def targets_from_deltas(outputs, deltas, tau):
    """Exercise 11.4: Targets without carrying them.

    `outputs` are those of all blocks for a batch, from the first to the last, and deltas[l] is the gradient of the
    squared error |y - t|^2 / 2 at the network's output with respect to outputs[l], by backpropagation. Return the list
    of the targets that steps of tau from the activation, one for each block, would give; the last one is t itself.
    """
    # BEGIN SOLUTION
    top = len(outputs) - 1
    pairs = enumerate(zip(outputs, deltas, strict=True))
    return [y - tau ** (top - level) * delta for level, (y, delta) in pairs]
    # END SOLUTION


def hebbian_part(below, y):
    """Exercise 11.5: Hebb's part.

    A hidden block of sigmoids has the inputs `below`, of shape (N, inputs), and the outputs y, of shape (N, units). The
    steps start at zero, and the block on top is the last one. Return the part of the weights' gradient, of shape
    (units, inputs) and averaged over the images, that would be missing if the steps started at the activation.
    """
    # BEGIN SOLUTION
    return (y * y * (1 - y)).T @ below / len(y)
    # END SOLUTION


def difference_target(W, x, t, margin=1e-3):
    """Exercise 11.6: A target by the inverse.

    Return the target of a block's inputs by difference target propagation. First keep t between `margin` and
    1 - margin, and ask which net inputs would have given it (`logit` inverts the sigmoid). Then move x by the smallest
    change that brings the net inputs nearest to those: np.linalg.pinv(W), times the change of the net inputs.
    Suppose that the block's own outputs keep the margin.
    """
    # BEGIN SOLUTION
    t_z = logit(np.clip(t, margin, 1 - margin))
    return x + (t_z - x @ W.T) @ np.linalg.pinv(W).T
    # END SOLUTION
