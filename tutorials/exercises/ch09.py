"""Chapter 9, Fooling a network: the exercises.

Each function says what it should do and ends in ``raise NotImplementedError(...)``: put your code in the place of that
line. What a function is given it leaves as it is, unless its text says otherwise. In the folder of the chapters,
``python -m pytest exercises/test_ch09.py`` says what is solved, what is wrong, and what you have not tried yet.
"""

import numpy as np

import tinynet as tn


def unit_directions(gradients):
    """Exercise 9.1: The steepest way.

    Scale each image's gradient to the Euclidean length 1. `gradients` has the shape (N, C, H, W), and so has what you
    return. A gradient of zeros stays zeros. One of tiny numbers, such as 1e-30 in float32, gets the length 1 as well:
    mind that its squares are too small for float32.
    """
    raise NotImplementedError("Exercise 9.1: The steepest way")


def sign_step(x, gradients, eps):
    """Exercise 9.2: A step that changes each pixel a little.

    Return the images x moved by eps up in each pixel where the gradient is above zero, by eps down where it is below,
    and not at all where it is zero. A pixel that would leave the range 0 to 1 stops at its end. Both arrays have the
    shape (N, C, H, W); x stays as it is.
    """
    raise NotImplementedError("Exercise 9.2: A step that changes each pixel a little")


def success(predictions, labels, before):
    """Exercise 9.3: What counts as a success.

    predictions[k, n], of shape (K, N), is the class that image n is predicted as after it was moved towards class k.
    `labels` of shape (N,) are the true classes, `before` of shape (N,) what the images were predicted as before that.
    Return for each class k the share of the images that are now predicted as k, of shape (K,). Count only images that
    are of another class than k and that were predicted as their own class before. If there is none for a class, its
    share is NaN.
    """
    raise NotImplementedError("Exercise 9.3: What counts as a success")


def smallest_step(fooled, steps):
    """Exercise 9.4: The smallest step that fools.

    fooled[s, n], of shape (S, N), says whether image n is misclassified after a step of the size steps[s]; the sizes
    increase. Return the smallest size that fools each image, of shape (N,): infinity where none does. An image may be
    fooled by a small step and be read correctly again after a larger one.
    """
    raise NotImplementedError("Exercise 9.4: The smallest step that fools")


def expected_step(margins, gradients):
    """Exercise 9.5: The step that a tangent foretells.

    The margin of each of N images, above zero, is the logit of its class less the largest other one; `gradients` of
    shape (N, C, H, W) are the margin's gradients at the pixels. Suppose that the margin is linear, and that pixels may
    have any value. Return the eps, of shape (N,), with which a step of -eps times the sign of the gradient takes the
    margin to 0; infinity where the gradient is zero everywhere.
    """
    raise NotImplementedError("Exercise 9.5: The step that a tangent foretells")


def small_steps(net, x, targets, eps, rate, count):
    """Exercise 9.6: Look again after each step.

    Move each image towards its class in `targets`, of shape (N,), by `count` small steps, and return where they end.
    A step goes by `rate` along the signs of the gradient of log p of the target, taken anew where the image now is:
    tn.prediction_gradient(net, images, targets, of="log_probability", layers=["input"])["input"]. After each step,
    pull every pixel back to within eps of where it was in x, and into the range 0 to 1. x stays as it is.
    """
    raise NotImplementedError("Exercise 9.6: Look again after each step")


# For authors alone: course.py made this from solutions/ch09.py, and sees by c644c79b2a97164c whether it was changed.
