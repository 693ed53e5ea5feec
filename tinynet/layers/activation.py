"""Activation functions: each unit by itself, but for softmax, where the units of a layer compete."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from tinynet.kernels import at_least_single, evaluate, only_where
from tinynet.layers.base import PassThrough
from tinynet.types import Array, Shape


class Activation(PassThrough):
    """A function of each unit by itself."""

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the input's shape."""
        return input_shape


class Tanh(Activation):
    """y = tanh x, between -1 and 1.

    Notes
    -----
    tanh = sinh / cosh, so by the quotient rule dy/dx = (cosh^2 - sinh^2) / cosh^2 = 1 - y^2.

    References
    ----------
    Lo 2016, section 2.1.2.
    """

    bounds = (-1.0, 1.0)

    def forward(self, x: Array) -> Array:
        """Return tanh x."""
        return evaluate(np.tanh, x)

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        """Return dy (1 - y^2)."""
        return evaluate(lambda dy, y: dy * (1 - y * y), dy, y)

    def inverse(self, t: Array, x: Array, y: Array) -> Array:
        """Return artanh t = log((1 + t) / (1 - t)) / 2."""
        return _unless_there(np.arctanh, t, x, y)


class Sigmoid(Activation):
    """y = 1 / (1 + exp(-x)), between 0 and 1.

    Notes
    -----
    dy/dx = exp(-x) / (1 + exp(-x))^2 = y (1 - y).

    References
    ----------
    Lo 2016, section 2.1.2.
    """

    bounds = (0.0, 1.0)

    def forward(self, x: Array) -> Array:
        """Return 1 / (1 + exp(-x))."""
        with np.errstate(over="ignore"):  # of exp(-x), where y is 0
            return evaluate(lambda x: 1 / (1 + np.exp(-x)), x)

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        """Return dy y (1 - y)."""
        return evaluate(lambda dy, y: dy * y * (1 - y), dy, y)

    def inverse(self, t: Array, x: Array, y: Array) -> Array:
        """Return log(t / (1 - t))."""
        from scipy.special import logit  # here, for it takes longer to load than all of this package

        return _unless_there(logit, t, x, y)


class ReLU(Activation):
    """y = max(0, x).

    Notes
    -----
    dy/dx = 1 where x > 0 and 0 where x < 0. At the kink x = 0 any slope between the two is a fair answer; ours is 0.

    References
    ----------
    Lo 2016, section 2.1.2.
    """

    def forward(self, x: Array) -> Array:
        """Return max(0, x)."""
        return evaluate(lambda x: np.maximum(x, 0), x)

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        """Return dy where x > 0, else 0."""
        return only_where(x > 0, dy)

    def inverse(self, t: Array, x: Array, y: Array) -> Array:
        """Return t where it is over 0; elsewhere x if that is silent already, else 0, the nearest that is."""
        return np.where(t > 0, t, np.minimum(x, 0))


class Softplus(Activation):
    """y = log(1 + exp x), a ReLU with a smooth bend.

    Notes
    -----
    dy/dx = exp x / (1 + exp x) = sigmoid(x).
    """

    bounds = (0.0, math.inf)

    def forward(self, x: Array) -> Array:
        """Return log(1 + exp x)."""
        return evaluate(lambda x: np.logaddexp(0, x), x)

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        """Return dy sigmoid(x)."""
        from scipy.special import expit

        return evaluate(lambda dy, x: dy * expit(x), dy, x)

    def inverse(self, t: Array, x: Array, y: Array) -> Array:
        """Return log(exp t - 1), as t + log(1 - exp(-t)), which does not overflow."""
        return _unless_there(lambda wanted: wanted + np.log(-np.expm1(-wanted)), t, x, y)


class Step(Activation):
    """The perceptron: y = 1 where x > 0, else 0.

    Notes
    -----
    Its slope is 0 wherever it has one, so backpropagation has nothing to pass on: perceptrons in several layers
    cannot be trained by gradients, which is why smooth activations took their place.

    References
    ----------
    Lo 2016, section 2.1.2.
    """

    def forward(self, x: Array) -> Array:
        """Return 1 where x > 0, else 0."""
        return evaluate(lambda x: np.heaviside(x, 0), x)

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        """Refuse: the slope is 0 everywhere but at the step, where there is none."""
        raise NotImplementedError(
            f"{self.label}: a step function has slope 0 everywhere and none at its step, so there is no gradient to "
            f"pass on; use Sigmoid or Tanh to train"
        )

    def inverse(self, t: Array, x: Array, y: Array) -> Array:
        """Return x where it is on the wanted side of 0 already, else the nearest number that is."""
        return np.where(t > 0.5, np.maximum(x, np.finfo(x.dtype).tiny), np.minimum(x, 0))


class Softmax(PassThrough):
    """p_i = exp(z_i) / sum_k exp(z_k) along the last axis: positive numbers that add up to one.

    Notes
    -----
    d log p_i / dz_j = [i = j] - p_j, so the Jacobian is dp_i/dz_j = p_i ([i = j] - p_j), which is symmetric:
    dz_j = sum_i dp_i p_i ([i = j] - p_j) = p_j (dp_j - sum_i dp_i p_i). Along a seed of ones it is exactly zero.

    Two shifts change nothing in mathematics and everything in float32. The largest z is taken off all of them, which
    changes no p and keeps exp from overflowing. And dp's entry at the most probable class is taken off all of dp: the
    p of a network that is sure rounds to 1, and without the shift what is left of the sum is the rounding.

    References
    ----------
    Lo 2016, section 2.1.3.
    """

    bounds = (0.0, 1.0)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the input's shape."""
        return input_shape

    def forward(self, x: Array) -> Array:
        """Return the softmax along the last axis."""
        return _softmax(x)

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        """Return p (dp - <dp, p>)."""
        return _softmax_adjoint(dy, y)

    def inverse(self, t: Array, x: Array, y: Array) -> Array:
        """Return log t + c, where c, which changes no output, is the mean of x - log t: the nearest such to x."""
        log_y = x - x.max(axis=-1, keepdims=True)
        log_y = log_y - np.log(np.exp(log_y).sum(axis=-1, keepdims=True))
        with np.errstate(divide="ignore"):
            change = np.where(t == y, log_y, np.log(t)) - x
        return x + (change - change.mean(axis=-1, keepdims=True))


def _unless_there(inverse: Callable[[Array], Array], t: Array, x: Array, y: Array) -> Array:
    """Return the inverse at t, but x where t is y: an output that rounding has brought to its bound has no inverse."""
    with np.errstate(divide="ignore"):
        return np.where(t == y, x, inverse(t))


@at_least_single
def _softmax(z: Array) -> Array:
    p = np.exp(z - z.max(axis=-1, keepdims=True))
    return p / p.sum(axis=-1, keepdims=True)


@at_least_single
def _softmax_adjoint(dp: Array, p: Array) -> Array:
    winner = p.argmax(axis=-1)[(None,) * (dp.ndim - p.ndim) + (..., None)]
    dp = dp - np.take_along_axis(dp, winner, axis=-1)
    return p * (dp - (dp * p).sum(axis=-1, keepdims=True))
