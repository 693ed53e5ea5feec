"""Chapter 2, Backpropagation by hand: the exercises.

Each function says what it should do and ends in ``raise NotImplementedError(...)``: put your code in the place of that
line. What a function is given it leaves as it is, unless its text says otherwise. In the folder of the chapters,
``python -m pytest exercises/test_ch02.py`` says what is solved, what is wrong, and what you have not tried yet.

The layers must keep all laws of a layer. To see them while you work:
``python -m tinynet check tutorials/exercises/ch02.py:Softplus --input-shape 4``.
"""

import numpy as np
from scipy.special import expit

import tinynet as tn


def central_difference(f, x, v, h=1e-6):
    """Exercise 2.1: Slopes by differences.

    Return how fast f changes at x along v, as the central difference: f a little ahead of x minus f as far behind it,
    divided by the distance. Both x and v are arrays of one shape, f takes such an array and returns a number or an
    array. Leave x as it is.
    """
    raise NotImplementedError("Exercise 2.1: Slopes by differences")


class Softplus(tn.Layer):
    """Exercise 2.2: Softplus.

    y = log(1 + exp x), entry by entry. Derive dy/dx on paper; you will meet an old acquaintance, which SciPy calls
    `expit`. Neither pass may overflow, not even for x = 800: `np.logaddexp` helps.
    """

    def forward(self, x):
        raise NotImplementedError("Exercise 2.2: Softplus")

    def backward(self, dy, x, y):
        raise NotImplementedError("Exercise 2.2: Softplus")


class LeakyReLU(tn.Layer):
    """Exercise 2.3: A ReLU that leaks.

    y = x where x > 0, and slope times x elsewhere, so that no unit is ever quite dead. Mind the laws: float32 stays
    float32, and x and dy are left as they are.
    """

    def __init__(self, slope=0.1):
        self.slope = slope

    def forward(self, x):
        raise NotImplementedError("Exercise 2.3: A ReLU that leaks")

    def backward(self, dy, x, y):
        raise NotImplementedError("Exercise 2.3: A ReLU that leaks")


class Dense(tn.Layer):
    """Exercise 2.4: The dense layer.

    z = W x + b with W of shape (units, inputs) and b of shape (units,); x has shape (..., inputs). `backward` returns
    the delta at the input. `grads` returns a dictionary with the gradients of "W" and "b", of their shapes, each summed
    over all leading axes, as many as there are. `dy` may have more leading axes than x, for several seeds at once.
    """

    def __init__(self, W, b):
        self.params = {"W": W, "b": b}

    def forward(self, x):
        return x @ self.params["W"].T + self.params["b"]

    def backward(self, dy, x, y):
        raise NotImplementedError("Exercise 2.4: The dense layer")

    def grads(self, dy, x, y):
        raise NotImplementedError("Exercise 2.4: The dense layer")


class Softmax(tn.Layer):
    """Exercise 2.5: Softmax, backwards.

    p_i = exp(x_i) / sum_j exp(x_j) along the last axis. The Jacobian is dp_i/dx_j = p_i ([i = j] - p_j); multiply its
    transpose by dy, without writing the matrix down: it takes one sum along the last axis.
    """

    def forward(self, x):
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)

    def backward(self, dy, x, y):
        raise NotImplementedError("Exercise 2.5: Softmax, backwards")


def deltas(layers, kept, seed):
    """Exercise 2.6: Backpropagation.

    Given layers, the list kept = [x, a1, a2, ...] of the input and of what each layer put out, and the seed, which is
    the gradient with respect to the last output: return the list of the gradients with respect to each entry of kept,
    in the same order, so that the last one is the seed.
    """
    raise NotImplementedError("Exercise 2.6: Backpropagation")


# For authors alone: course.py made this from solutions/ch02.py, and sees by e883817899b42b09 whether it was changed.
