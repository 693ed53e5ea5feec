"""Activation functions: each unit by itself, but for softmax, where the units of a layer compete."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from tinynet.layers.base import Array, PassThrough
from tinynet.memory import like


class Tanh(PassThrough):
    """y = tanh x, between -1 and 1.

    Notes
    -----
    tanh = sinh / cosh, so by the quotient rule dy/dx = (cosh^2 - sinh^2) / cosh^2 = 1 - y^2.

    References
    ----------
    Lo 2016, section 2.1.2.
    """

    def forward(self, x: Array) -> Array:
        """Return tanh x.

        Parameters
        ----------
        x : ndarray of any shape
        """
        return np.tanh(x, out=like(x))

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        """Return dy (1 - y^2).

        Parameters
        ----------
        dy, x, y : see :meth:`Layer.backward`
        """
        slope = np.multiply(y, y, out=like(y))
        return _times(np.subtract(1, slope, out=slope), dy)


class Sigmoid(PassThrough):
    """y = 1 / (1 + exp(-x)), between 0 and 1.

    Notes
    -----
    dy/dx = exp(-x) / (1 + exp(-x))^2 = y (1 - y).

    References
    ----------
    Lo 2016, section 2.1.2.
    """

    def forward(self, x: Array) -> Array:
        """Return 1 / (1 + exp(-x)).

        Parameters
        ----------
        x : ndarray of any shape
        """
        return expit(x, out=like(x))

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        """Return dy y (1 - y).

        Parameters
        ----------
        dy, x, y : see :meth:`Layer.backward`
        """
        slope = np.subtract(1, y, out=like(y))
        return _times(np.multiply(y, slope, out=slope), dy)


class ReLU(PassThrough):
    """y = max(0, x).

    Notes
    -----
    dy/dx = 1 where x > 0 and 0 where x < 0. At the kink x = 0 any slope between the two is a fair answer; ours is 0.

    References
    ----------
    Lo 2016, section 2.1.2.
    """

    def forward(self, x: Array) -> Array:
        """Return max(0, x).

        Parameters
        ----------
        x : ndarray of any shape
        """
        return np.maximum(x, 0, out=like(x))

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        """Return dy where x > 0, else 0.

        Parameters
        ----------
        dy, x, y : see :meth:`Layer.backward`
        """
        return np.multiply(dy, x > 0, out=like(dy))


class Softplus(PassThrough):
    """y = log(1 + exp x), a ReLU with a smooth bend.

    Notes
    -----
    dy/dx = exp x / (1 + exp x) = sigmoid(x).
    """

    def forward(self, x: Array) -> Array:
        """Return log(1 + exp x).

        Parameters
        ----------
        x : ndarray of any shape
        """
        return np.logaddexp(0, x)

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        """Return dy sigmoid(x).

        Parameters
        ----------
        dy, x, y : see :meth:`Layer.backward`
        """
        return dy * expit(x)


class Step(PassThrough):
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
        """Return 1 where x > 0, else 0.

        Parameters
        ----------
        x : ndarray of any shape
        """
        return (x > 0).astype(x.dtype)

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        """Refuse: the slope is 0 everywhere but at the step, where there is none.

        Parameters
        ----------
        dy, x, y : see :meth:`Layer.backward`
        """
        raise NotImplementedError(
            f"{self.label}: a step function has slope 0 everywhere and none at its step, so there is no gradient to "
            f"pass on; use Sigmoid or Tanh to train"
        )


class Softmax(PassThrough):
    """p_i = exp(z_i) / sum_k exp(z_k) along the last axis: positive numbers that add up to one.

    Notes
    -----
    d log p_i / dz_j = [i = j] - p_j, so the Jacobian is dp_i/dz_j = p_i ([i = j] - p_j), which is symmetric:
    dz_j = sum_i dp_i p_i ([i = j] - p_j) = p_j (dp_j - sum_i dp_i p_i). Along a seed of ones it is exactly zero. The
    largest z is taken off first, which changes no p and keeps exp from overflowing.

    References
    ----------
    Lo 2016, section 2.1.3.
    """

    def forward(self, x: Array) -> Array:
        """Return the softmax along the last axis.

        Parameters
        ----------
        x : ndarray of shape (..., K)
        """
        p = np.exp(x - x.max(axis=-1, keepdims=True))
        p /= p.sum(axis=-1, keepdims=True)
        return p

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        """Return p (dp - <dp, p>).

        Parameters
        ----------
        dy, x, y : see :meth:`Layer.backward`
        """
        return y * (dy - (dy * y).sum(axis=-1, keepdims=True))


def _times(slope: Array, dy: Array) -> Array:
    """Return slope * dy, in the memory of the slope where that fits: fresh memory costs as much as the product."""
    if slope.shape == dy.shape and slope.dtype == dy.dtype:
        return np.multiply(slope, dy, out=slope)
    return slope * dy
