"""Pooling layers: one number for each window of each map."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinynet import kernels
from tinynet.arguments import boolean
from tinynet.layers.base import PassThrough, image_shape, merge_batch_axes
from tinynet.layers.least_squares import least_change
from tinynet.layers.window import Pair, window
from tinynet.types import Array, Shape


class _Pool(PassThrough):
    """Sizes, strides, padding and shapes, which both kinds of pooling share."""

    kind = "pool"

    def __init__(
        self,
        size: int | Pair,
        stride: int | Pair | None = None,
        padding: int | Pair | str = 0,
        *,
        ceil: bool = False,
    ) -> None:
        kind = type(self).__name__
        self.ceil = boolean(f"{kind}: ceil", ceil)
        self.window = window(kind, size, size if stride is None else stride, padding, ceil=self.ceil)
        self.size, self.stride, self.padding = self.window.size, self.window.stride, self.window.padding
        if isinstance(self.padding, tuple) and any(p >= n for p, n in zip(self.padding, self.size, strict=True)):
            raise ValueError(
                f"{kind}: padding {self.padding} must be smaller than the window {self.size}, "
                f"or a window would hold nothing but padding"
            )

    def settings(self) -> dict[str, Any]:
        """Return the arguments of the layer."""
        return {"size": self.size, "stride": self.stride, "padding": self.padding, "ceil": self.ceil}

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (channels, height, width) of the pooled maps."""
        channels, height, width = image_shape(input_shape)
        return (channels, *self.window.output_size(height, width))

    def _geometry(self, x: Array) -> dict[str, Any]:
        pads = self.window.pads(*x.shape[-2:])
        return {"size": self.size, "stride": self.stride, "padding": pads, "ceil": self.ceil}


class MaxPool2D(_Pool):
    """Keep the largest value of each window.

    Parameters
    ----------
    size : int or pair of int
        Height and width of the windows.
    stride : int or pair of int, optional
        Step between two windows, in pixels; the size of the windows if not given.
    padding : int, pair of int, "valid" or "same"
        Rows and columns added around the image; fewer than the window has.
    ceil : bool
        Whether a last window may hang over the edge, so that no pixel is left out.

    Notes
    -----
    y = x[k] for the place k of the maximum, so dy/dx is 1 at k and 0 elsewhere: the delta goes to the winner, the
    first in row-major order where several are equal. Padding never wins.

    References
    ----------
    Lo 2016, section 2.2.3.
    """

    def forward(self, x: Array) -> Array:
        """Return the maximum of each window."""
        y = kernels.max_pool(merge_batch_axes(x), **self._geometry(x))
        return y.reshape(*x.shape[:-3], *y.shape[1:])

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        """Return each delta at the place of its window's maximum."""
        seeds = math.prod(dy.shape[: dy.ndim - y.ndim])
        stack = dy if dy.ndim == x.ndim == 4 else dy.reshape(seeds, *merge_batch_axes(y).shape)
        dx = kernels.max_pool_adjoint(stack, merge_batch_axes(x), merge_batch_axes(y), **self._geometry(x))
        return dx.reshape(*dy.shape[:-3], *dx.shape[-3:])

    def inverse(self, t: Array, x: Array, y: Array) -> Array:
        """Return x with the winner of each window at t, while the switches, who wins where, are held fixed.

        Notes
        -----
        With y = S x, where S selects the winners, the smallest change with S d = t - y is S^+ (t - y), where
        S^+ = (S^T S)^+ S^T: a winner of several windows that overlap takes the mean of what they want. What wins at x
        need not win at the answer, which then has a higher output than t.
        """
        wins = self.backward(np.ones_like(y), x, y)
        return x + self.backward(t - y, x, y) / np.maximum(wins, 1)


class AvgPool2D(_Pool):
    """Keep the mean of each window.

    Parameters
    ----------
    size : int or pair of int
        Height and width of the windows.
    stride : int or pair of int, optional
        Step between two windows, in pixels; the size of the windows if not given.
    padding : int, pair of int, "valid" or "same"
        Rows and columns added around the image; fewer than the window has.
    ceil : bool
        Whether a last window may hang over the edge, so that no pixel is left out.

    Notes
    -----
    y = sum over the window of x / n, so dy/dx = 1 / n at each place of the window: the delta is shared out equally.
    Padding counts as zeros, and so in n; what hangs over beyond the padding does not count.
    """

    def forward(self, x: Array) -> Array:
        """Return the mean of each window."""
        y = kernels.average_pool(merge_batch_axes(x), **self._geometry(x))
        return y.reshape(*x.shape[:-3], *y.shape[1:])

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        """Return each delta shared equally among the places of its window."""
        dx = kernels.average_pool_adjoint(merge_batch_axes(dy), input_size=x.shape[-2:], **self._geometry(x))
        return dx.reshape(*dy.shape[:-3], *dx.shape[1:])

    def inverse(self, t: Array, x: Array, y: Array) -> Array:
        """Return x with the smallest change that makes the means t: for windows that do not overlap, all alike."""
        return x + least_change(self, t - y, x)
