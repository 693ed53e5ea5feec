"""Layers that silence units: at random in training (Dropout), or on purpose to see what they do (KnockOut)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from tinynet.arguments import finite_number, whole_number, wrong
from tinynet.kernels import as_floats, only_where
from tinynet.layers.base import PassThrough, unaliased
from tinynet.types import Array, Shape


class Dropout(PassThrough):
    """The identity; in a training step, units times a random mask.

    Parameters
    ----------
    rate : float
        Share of the units that a training step silences, from 0 up to, not including, 1.
    mask : ndarray of shape (..., *input_shape), optional
        What to multiply by; without it the layer is the identity.

    Notes
    -----
    y = m x, so dx = m dy. A mask holds 0 with probability `rate` and 1 / (1 - rate) otherwise, so that E[y] = x and
    nothing needs rescaling afterwards. The layer draws nothing itself: training asks for a layer `with_mask` for each
    step, which keeps the passes pure.

    References
    ----------
    Srivastava et al. 2014, section 4.
    """

    def __init__(self, rate: float, mask: Array | None = None) -> None:
        self.rate = finite_number("Dropout: rate", rate, least=0, below=1)
        self.mask = mask

    def settings(self) -> dict[str, Any]:
        """Return the arguments of the layer, without a training step's mask."""
        return {"rate": self.rate}

    def with_mask(self, shape: Shape, rng: np.random.Generator, dtype: DTypeLike = np.float32) -> Dropout:
        """Return the layer of one training step, its mask drawn.

        Parameters
        ----------
        shape : tuple of int
            Of the inputs of this step, with their batch axes.
        rng : numpy.random.Generator
            Where the mask is drawn from.
        dtype : dtype
            Of the mask.
        """
        kept = rng.random(shape) >= self.rate
        layer = Dropout(self.rate, kept.astype(dtype) / np.asarray(1 - self.rate, dtype))
        layer.name = self.name
        return layer

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the input's shape."""
        return input_shape

    def forward(self, x: Array) -> Array:
        """Return x, times the mask if there is one."""
        return unaliased(x.view(), x) if self.mask is None else x * self.mask

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        """Return dy, times the mask if there is one."""
        return unaliased(dy.view(), dy) if self.mask is None else only_where(self.mask != 0, dy) * self.mask

    def inverse(self, t: Array, x: Array, y: Array) -> Array:
        """Return t, over the mask if there is one; x where the mask silences it and nothing can help."""
        if self.mask is None:
            return t.copy()
        return np.divide(t, self.mask, out=np.broadcast_to(x, t.shape).copy(), where=self.mask != 0)


class KnockOut(PassThrough):
    """Replace the outputs of some units by fixed values and let the others through.

    Parameters
    ----------
    units : sequence of int
        Indices along the first axis of an input: feature maps of an image, or single units of a vector.
    replacement : float or array_like
        What stands in their place: one number, or one entry a unit, of shape (len(units),) or
        (len(units), *rest of the input shape).

    Notes
    -----
    y = x for kept units and a constant for the others, so dx = dy for kept units and 0 for the others.

    References
    ----------
    Lo, Cohen and Ding 2015, section V.C.
    """

    def __init__(self, units: Sequence[int], replacement: ArrayLike = 0.0) -> None:
        if isinstance(units, (str, Mapping)) or not isinstance(units, Iterable):
            raise wrong("KnockOut: units", units, "a list of whole numbers of at least 0")
        self.units = [whole_number("KnockOut: units", unit, least=0) for unit in units]
        self.replacement = np.asarray(replacement)
        if self.replacement.dtype.kind not in "iuf" or not np.isfinite(self.replacement).all():
            raise wrong("KnockOut: replacement", replacement, "finite numbers")
        self.kept: Array = np.ones(0, bool)
        self.values: Array = np.zeros(0)

    def settings(self) -> dict[str, Any]:
        """Return the arguments of the layer."""
        return {"units": self.units, "replacement": self.replacement.tolist()}

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the input's shape."""
        return input_shape

    def build(self, input_shape: Shape, rng: np.random.Generator, dtype: DTypeLike = np.float32) -> None:
        """Lay out which values are kept, and what replaces the others."""
        count = input_shape[0]
        for unit in self.units:
            if unit >= count:
                raise ValueError(f"no unit {unit}: there are {count}, numbered from 0")
        self.kept = np.ones((count, *[1] * (len(input_shape) - 1)), bool)
        self.kept[self.units] = False
        self.values = np.zeros(input_shape, dtype)
        count = len(self.units)
        if self.replacement.shape not in {(), (count,), (count, *input_shape[1:])}:
            entries = f"a number, or {count} entries, each a number or of shape {input_shape[1:]}"
            raise wrong("replacement", self.replacement, entries)
        per_unit = self.replacement.reshape(*self.replacement.shape, *[1] * (len(input_shape) - self.replacement.ndim))
        self.values[self.units] = per_unit

    def forward(self, x: Array) -> Array:
        """Return x with the replacements in it."""
        x = as_floats(x)
        return np.where(self.kept, x, self.values.astype(x.dtype, copy=False))

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        """Return dy for the kept units, 0 for the others."""
        return only_where(self.kept, dy)

    def inverse(self, t: Array, x: Array, y: Array) -> Array:
        """Return t for the kept units, x for the others, which nothing can help."""
        return np.where(self.kept, t, x)
