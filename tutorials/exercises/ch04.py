"""Chapter 4, Training: the exercises.

Each function says what it should do and ends in ``raise NotImplementedError(...)``: put your code in the place of that
line. What a function is given it leaves as it is, unless its text says otherwise. In the folder of the chapters,
``python -m pytest exercises/test_ch04.py`` says what is solved, what is wrong, and what you have not tried yet.
"""

import numpy as np


def cross_entropy(z, labels):
    """Exercise 4.1: Cross-entropy and its seed.

    Given logits z of shape (N, K) and N integer labels, return two things: the mean over the N images of -log p_t,
    where p = softmax(z) and t is the image's label; and its gradient with respect to z, of shape (N, K), which is
    (p - t) / N with t as a one-hot vector. Logits may be as large as a thousand: p does not change if the largest logit
    of each image is taken off first, and log p_t = z_t - log(sum of exp z).
    """
    raise NotImplementedError("Exercise 4.1: Cross-entropy and its seed")


def minibatches(count, size, rng):
    """Exercise 4.2: An epoch in mini-batches.

    Return a list of integer arrays: the numbers 0 to count - 1 in random order, each exactly once, cut into pieces of
    `size`. The last piece takes what is left. `rng` is a numpy.random.Generator; take all randomness from it.
    """
    raise NotImplementedError("Exercise 4.2: An epoch in mini-batches")


def momentum_step(weights, gradient, velocity, rate, momentum):
    """Exercise 4.3: A step with momentum.

    Change two arrays *in place*: velocity <- momentum * velocity + gradient, then weights <- weights - rate * velocity.
    Leave the gradient alone, and return nothing. (In place, because the layer holds the very array that must change.)
    """
    raise NotImplementedError("Exercise 4.3: A step with momentum")


def train(net, x, labels, rate, epochs, batch_size, rng):
    """Exercise 4.4: The training loop.

    Train a network that ends in a Softmax with cross-entropy and plain gradient descent, weights <- weights - rate *
    gradient of the mean loss of the mini-batch, in place. Return the list of the losses of the epochs: for each epoch
    the mean over all images of the loss that each had in its mini-batch, *before* the step. You have:

    - trace = net.trace(images), then trace[net.logits] and trace.output;
    - deltas = net.backward(trace, seed, at=net.logits);
    - grads = net.grads(trace, deltas), such as {"dense1": {"W": ..., "b": ...}};
    - net["dense1"].params["W"], the array to change.
    """
    raise NotImplementedError("Exercise 4.4: The training loop")


def initial_weights(units, inputs, gain, rng):
    """Exercise 4.5: Weights of a given gain.

    Return random weights of shape (units, inputs), normally distributed with mean 0 and *variance* gain / inputs. `rng`
    is a numpy.random.Generator; take all randomness from it.
    """
    raise NotImplementedError("Exercise 4.5: Weights of a given gain")


def epoch_to_keep(validation_losses, patience):
    """Exercise 4.6: Early stopping.

    Go through the validation losses epoch by epoch, as if training were running, and stop as soon as `patience` epochs
    in a row have failed to beat the best loss so far, or when the list ends. Return the epoch, counted from 0, of the
    best loss met until then (the first of them, if there are equals). What comes after the stop is never seen.
    """
    raise NotImplementedError("Exercise 4.6: Early stopping")


# For authors alone: course.py made this from solutions/ch04.py, and sees by 12dcbfa4da98413c whether it was changed.
