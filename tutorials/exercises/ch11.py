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
    raise NotImplementedError("Exercise 11.1: The target below")


def look_again(W, x, t, tau, period):
    """Exercise 11.2: Look again.

    Return the target of the inputs after `period` steps. The first starts at zeros, with the slope that the error has
    at x. Each further step starts where the last one ended, with the slope that the error has there.
    """
    raise NotImplementedError("Exercise 11.2: Look again")


def weight_gradients(weights, x, wanted, tau):
    """Exercise 11.3: What the weights learn from.

    `weights` are those of all blocks, from the first to the last; x of shape (N, inputs) are images, `wanted` of shape
    (N, K) the targets of the outputs. Carry the targets down by one step from zero for each block, and return a list
    with one array for each entry of `weights`, of its shape: the gradient of the error |y - t|^2 / 2 of that block,
    averaged over the images. Take steps with the weights as they are.
    """
    raise NotImplementedError("Exercise 11.3: What the weights learn from")


def targets_from_deltas(outputs, deltas, tau):
    """Exercise 11.4: Targets without carrying them.

    `outputs` are those of all blocks for a batch, from the first to the last, and deltas[l] is the gradient of the
    squared error |y - t|^2 / 2 at the network's output with respect to outputs[l], by backpropagation. Return the list
    of the targets that steps of tau from the activation, one for each block, would give; the last one is t itself.
    """
    raise NotImplementedError("Exercise 11.4: Targets without carrying them")


def hebbian_part(below, y):
    """Exercise 11.5: Hebb's part.

    A hidden block of sigmoids has the inputs `below`, of shape (N, inputs), and the outputs y, of shape (N, units). The
    steps start at zero, and the block on top is the last one. Return the part of the weights' gradient, of shape
    (units, inputs) and averaged over the images, that would be missing if the steps started at the activation.
    """
    raise NotImplementedError("Exercise 11.5: Hebb's part")


def difference_target(W, x, t, margin=1e-3):
    """Exercise 11.6: A target by the inverse.

    Return the target of a block's inputs by difference target propagation. First keep t between `margin` and
    1 - margin, and ask which net inputs would have given it (`logit` inverts the sigmoid). Then move x by the smallest
    change that brings the net inputs nearest to those: np.linalg.pinv(W), times the change of the net inputs.
    Suppose that the block's own outputs keep the margin.
    """
    raise NotImplementedError("Exercise 11.6: A target by the inverse")


# For authors alone: course.py made this from solutions/ch11.py, and sees by 5b1aa12571ae139a whether it was changed.
