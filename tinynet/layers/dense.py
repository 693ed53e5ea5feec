"""The fully connected layer."""

from __future__ import annotations

from typing import Any

from tinynet import initializers
from tinynet.arguments import boolean, whole_number
from tinynet.kernels import at_least_single, underflow_is_meant
from tinynet.layers.base import Affine, sum_extra_axes
from tinynet.types import Array, Shape


class Dense(Affine):
    """z = W a + b: every unit sees every input.

    Parameters
    ----------
    units : int
        Number of outputs.
    bias : bool
        Whether there is a `b`.
    initializer : str
        How the weights are drawn, see :mod:`tinynet.initializers`; the bias starts at zero.

    Attributes
    ----------
    params : dict
        ``{"W": (units, inputs), "b": (units,)}``.

    Notes
    -----
    z_i = sum_j W_ij a_j + b_i, so dz_i/da_j = W_ij, dz_i/dW_kj = a_j if k = i, and dz_i/db_i = 1. With a delta dz at
    the output: da = W^T dz, dW = sum over the batch of dz a^T, db = sum over the batch of dz.

    References
    ----------
    Lo 2016, section 2.1.1.
    """

    def __init__(self, units: int, *, bias: bool = True, initializer: str = "glorot_uniform") -> None:
        self.units = whole_number("Dense: units", units)
        self.bias = boolean("Dense: bias", bias)
        self.initializer = initializer
        initializers.named(initializer)

    def settings(self) -> dict[str, Any]:
        """Return the arguments of the layer."""
        return {"units": self.units, "bias": self.bias, "initializer": self.initializer}

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (units,); the input must be a vector."""
        if len(input_shape) != 1:
            raise ValueError(f"input has shape {input_shape}, expected a vector; put a Flatten() in front")
        return (self.units,)

    def weight_shape(self, input_shape: Shape) -> Shape:
        """Return (units, inputs)."""
        (inputs,) = input_shape
        if "W" in self.params:
            self._check_inputs(inputs)
        return (self.units, inputs)

    @at_least_single
    def forward(self, x: Array) -> Array:
        """Return W x + b for each x."""
        self._check_inputs(x.shape[-1])
        z = self.params["W"] @ x.reshape(-1, x.shape[-1]).T
        if "b" in self.params:
            z += self.params["b"][:, None]
        return z.T.reshape(*x.shape[:-1], self.units)

    @at_least_single
    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        """Return W^T dy."""
        W = self.params["W"]
        return (W.T @ dy.reshape(-1, self.units).T).T.reshape(*dy.shape[:-1], W.shape[1])

    @underflow_is_meant
    def grads(self, dy: Array, x: Array, y: Array) -> dict[str, Array]:
        """Return dW = sum of dy x^T and db = sum of dy."""
        dy, x = sum_extra_axes(dy, x.ndim).reshape(-1, self.units), x.reshape(-1, x.shape[-1])
        gradients = {"W": dy.T * x if len(x) == 1 else dy.T @ x}  # BLAS is slow to sum over a single image
        if "b" in self.params:
            gradients["b"] = dy.sum(axis=0)
        return gradients

    def _check_inputs(self, inputs: int) -> None:
        if not self.params:
            raise ValueError(f"{self.label}: has no weights yet; put it into a Network or call build() first")
        if inputs != self.params["W"].shape[1]:
            raise ValueError(f"{self.label}: input has {inputs} values, expected {self.params['W'].shape[1]}")
