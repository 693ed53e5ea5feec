"""Layers that change nothing but the shape."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from tinynet.arguments import whole_number
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
        self.axes = whole_number("Flatten: axes", axes, least=0)

    def settings(self) -> dict[str, Any]:
        """Return the arguments of the layer."""
        return {"axes": self.axes}

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (values,)."""
        return (math.prod(input_shape),)

    def build(self, input_shape: Shape, rng: np.random.Generator, dtype: DTypeLike = np.float32) -> None:
        """Note how many axes one input has."""
        self.axes = len(input_shape)

    def forward(self, x: Array) -> Array:
        """Return each input as a vector."""
        batch, unit = x.shape[: x.ndim - self.axes], x.shape[x.ndim - self.axes :]
        return unaliased(x.reshape(*batch, math.prod(unit)), x)

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        """Return the delta in the shape of the input."""
        return unaliased(dy.reshape(*dy.shape[:-1], *x.shape[x.ndim - self.axes :]), dy)

    def inverse(self, t: Array, x: Array, y: Array) -> Array:
        """Return the target in the shape of the input."""
        return self.backward(t, x, y)
