"""Layers that change nothing but the shape."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from tinynet.layers.base import PassThrough, unaliased
from tinynet.types import Array, Shape


class Flatten(PassThrough):
    """Lay out each input as one vector, in row-major order.

    Parameters
    ----------
    axes : int
        How many trailing axes make one input; a network sets it to those of its input shape.

    Notes
    -----
    The values stay what they are, so the Jacobian is the identity and the delta is put back into the input's shape.
    """

    def __init__(self, axes: int = 3) -> None:
        self.axes = axes

    def settings(self) -> dict[str, Any]:
        """Return the arguments of the layer."""
        return {"axes": self.axes}

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (values,).

        Parameters
        ----------
        input_shape : tuple of int
            Of one input.
        """
        return (math.prod(input_shape),)

    def build(self, input_shape: Shape, rng: np.random.Generator, dtype: DTypeLike = np.float32) -> None:
        """Note how many axes one input has.

        Parameters
        ----------
        input_shape, rng, dtype : see :meth:`Layer.build`
        """
        self.axes = len(input_shape)

    def forward(self, x: Array) -> Array:
        """Return each input as a vector.

        Parameters
        ----------
        x : ndarray of shape (..., *input_shape)
        """
        batch, unit = x.shape[: x.ndim - self.axes], x.shape[x.ndim - self.axes :]
        return unaliased(x.reshape(*batch, math.prod(unit)), x)

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        """Return the delta in the shape of the input.

        Parameters
        ----------
        dy, x, y : see :meth:`Layer.backward`
        """
        return unaliased(dy.reshape(*dy.shape[:-1], *x.shape[x.ndim - self.axes :]), dy)

    def inverse(self, t: Array, x: Array, y: Array) -> Array:
        """Return the target in the shape of the input.

        Parameters
        ----------
        t, x, y : see :meth:`PassThrough.inverse`
        """
        return self.backward(t, x, y)
