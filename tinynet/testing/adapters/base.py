"""A layer whose passes are written in another style."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from tinynet.arguments import whole_number, wrong
from tinynet.layers.base import Layer
from tinynet.types import Array, Shape

Params = Mapping[str, Any]
Forward = Callable[[Array, dict[str, Array], Any], tuple[Any, Any]]
Backward = Callable[[Array, Any], tuple[Any, dict[str, Array]]]


class Adapted(Layer):
    """A layer whose passes are written in another style.

    Parameters
    ----------
    title : str
        What reports call it.
    forward : callable
        Takes x, the parameters and `extra`; returns the output and a cache.
    backward : callable
        Takes the gradient at the output and the cache; returns dx and the gradients of the parameters by name.
    params : mapping of str to ndarray or shape
        Parameters; those of which only the shape is given are drawn.
    extra : object
        What `forward` takes beside the parameters.
    batch_axis : int or None
        Where the passes expect the one batch axis; None if they take one input at a time.
    cached : bool
        Whether the cache is all that `backward` needs: an object may keep things instead.
    """

    def __init__(
        self,
        title: str,
        forward: Forward,
        backward: Backward,
        params: Params,
        *,
        extra: Any = None,
        batch_axis: int | None = 0,
        cached: bool = True,
    ) -> None:
        self.title, self.passes, self.given, self.extra = title, (forward, backward), dict(params), extra
        self.batch_axis = None if batch_axis is None else whole_number("batch_axis", batch_axis, least=-8, most=8)
        self.cached = cached
        self.input_shape: Shape = ()

    def build(self, input_shape: Shape, rng: np.random.Generator, dtype: DTypeLike = np.float32) -> None:
        """Draw the parameters of which only the shape was given."""
        self.input_shape = tuple(input_shape)
        self.params = {
            name: (value if isinstance(value, np.ndarray) else rng.standard_normal(value)).astype(dtype)
            for name, value in self.given.items()
        }

    def forward(self, x: Array) -> Array:
        """Return the output."""
        lead = self._leading(x)
        return self._joined([self._run(part)[0] for part in self._parts(x, lead)], lead)

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        """Return the gradient at the input."""
        lead, further = self._leading(x), dy.shape[: dy.ndim - y.ndim]
        seeds = [self._joined([dx for dx, _ in answers], lead) for answers in self._answers(dy, x, y)]
        return np.stack(seeds).reshape((*further, *seeds[0].shape)) if further else seeds[0]

    def grads(self, dy: Array, x: Array, y: Array) -> dict[str, Array]:
        """Return the gradients of the parameters, added up over all leading axes."""
        found = [grads for answers in self._answers(dy, x, y) for _, grads in answers]
        return found[0] if len(found) == 1 else {name: np.sum([one[name] for one in found], 0) for name in found[0]}

    def cache_suffices(self, dy: Array, x: Array, other: Array) -> bool:
        """Return whether `backward` gives the same from the same cache, after another forward pass, too.

        Parameters
        ----------
        dy, x : ndarray
            A gradient and an input.
        other : ndarray
            An input for the forward pass in between.
        """
        if not self.cached:
            return True
        parts = [self._parts(array, array.shape[:1])[0] for array in (dy, x, other)]
        cache = self._run(parts[1])[1]
        first = np.array(self.passes[1](parts[0].copy(), cache)[0])
        self._run(parts[2])
        return np.array_equal(first, self.passes[1](parts[0].copy(), cache)[0], equal_nan=True)

    def _leading(self, x: Array) -> Shape:
        return x.shape[: x.ndim - len(self.input_shape)]

    def _run(self, x: Array) -> tuple[Array, Any]:
        y, cache = self.passes[0](x, self.params, self.extra)
        return _array(y), cache

    def _answers(self, dy: Array, x: Array, y: Array) -> Iterator[list[tuple[Array, dict[str, Array]]]]:
        """Return for each gradient at the output dx and the gradients of the parameters, part by part."""
        lead = self._leading(x)
        for seed in dy.reshape((-1, *y.shape)) if dy.ndim > y.ndim else [dy]:
            parts = zip(self._parts(seed, lead), self._parts(x, lead), strict=True)
            found = [self.passes[1](one, self._run(part)[1]) for one, part in parts]
            yield [(_array(dx), grads) for dx, grads in found]

    def _parts(self, array: Array, lead: Shape) -> list[Array]:
        """Return a stack as the passes expect it: with one batch axis, or one input after the other."""
        flat = array if len(lead) == 1 else array.reshape((-1, *array.shape[len(lead) :]))
        return list(flat) if self.batch_axis is None else [np.moveaxis(flat, 0, self.batch_axis)]

    def _joined(self, parts: list[Any], lead: Shape) -> Any:
        if not all(isinstance(part, np.ndarray) for part in parts):
            return parts[0]
        if self.batch_axis is None:
            return np.stack(parts).reshape((*lead, *parts[0].shape))
        whole = np.moveaxis(parts[0], self.batch_axis, 0) if parts[0].ndim else parts[0]
        if len(lead) == 1 or whole.shape[:1] != (int(np.prod(lead)),):
            return whole
        return whole.reshape((*lead, *whole.shape[1:]))

    def __repr__(self) -> str:
        return self.title


def shapes_or_arrays(params: Params | None) -> dict[str, Any]:
    """Return parameters as arrays, or as the shapes that they are to have.

    Parameters
    ----------
    params : mapping of str to ndarray or shape, optional
    """
    if not isinstance(params or {}, Mapping):
        raise wrong("params", params, "a dictionary of shapes or arrays by name, such as {'w': (6, 4), 'b': 4}")
    found: dict[str, Any] = {}
    for name, value in (params or {}).items():
        if isinstance(value, np.ndarray) and value.ndim:
            found[str(name)] = value
            continue
        lengths = value if isinstance(value, (tuple, list)) else (value,)
        found[str(name)] = tuple(whole_number(f"params[{name!r}]", length) for length in lengths)
    return found


def _array(value: Any) -> Any:
    return np.asarray(value) if isinstance(value, (float, np.generic)) else value
