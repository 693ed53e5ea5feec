"""Pairs of functions: forward(x, w, b) -> out, cache and backward(dout, cache) -> dx, dw, db."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from tinynet.arguments import listed, wrong
from tinynet.layers.base import Layer
from tinynet.testing.adapters.base import Adapted, Params, shapes_or_arrays
from tinynet.types import Array


def from_functions(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    params: Params | None = None,
    extra: Any = (),
    *,
    batch_axis: int | None = 0,
) -> Layer:
    """Make a layer for the laws of two functions, ``forward(x, w, b) -> out, cache`` and ``backward(dout, cache)``.

    Parameters
    ----------
    forward : callable
        Takes inputs with one batch axis, the parameters, and what is in `extra`; returns the output and a cache. If it
        returns the output alone, `backward` is called with dout and all that `forward` was given.
    backward : callable
        Takes the gradient at the output and the cache; returns dx, or dx and the gradient of each parameter, in the
        order in which `forward` takes them.
    params : mapping of str to shape or ndarray, optional
        The parameters. Where only a shape is given they are drawn.
    extra : object
        Further arguments of `forward`: a sequence of them, a dictionary by name, or a single one, such as a dictionary
        of strides.
    batch_axis : int or None
        Where inputs and outputs have their batch axis: -1 for one image a column. With None the functions are given
        one input at a time: for losses, and for batch normalisation, of which a whole batch is then one input.

    Returns
    -------
    Layer

    Examples
    --------
    >>> import numpy as np, tinynet as tn
    >>> def affine_forward(x, w, b):
    ...     return x @ w + b, (x, w)
    >>> def affine_backward(dout, cache):
    ...     x, w = cache
    ...     return dout @ w.T, x.T @ dout, dout.mean(axis=0)
    >>> layer = tn.testing.from_functions(affine_forward, affine_backward, params={"w": (6, 4), "b": 4})
    >>> print(tn.testing.check_layer(layer, (6,))["parameters"].diagnosis.words.split(":")[0])
    1/3 of the true gradient in a batch of 3, 1/5 in one of 5
    """
    for what, function in (("forward", forward), ("backward", backward)):
        if not callable(function) or isinstance(function, type):
            raise wrong(what, function, "a function")
    given, taken = shapes_or_arrays(params), list(_signature(forward))[1:]
    named = given.keys() <= set(taken)
    order = sorted(given, key=taken.index) if named else list(given)

    def arguments(values: dict[str, Array], extra: Any) -> tuple[list[Any], dict[str, Any]]:
        by_name = isinstance(extra, dict) and bool(extra) and extra.keys() <= set(taken)
        further = [] if by_name else list(extra) if isinstance(extra, (tuple, list)) else [extra]
        settings = extra if by_name else {}
        if named:
            rest = [name for name in taken if name not in values]
            return [], {**values, **dict(zip(rest, further, strict=False)), **settings}
        return [*values.values(), *further], settings

    def run(x: Array, values: dict[str, Array], extra: Any) -> tuple[Any, Any]:
        others, settings = arguments(values, extra)
        found = forward(x, *others, **settings)
        if not isinstance(found, tuple):
            return found, _Given(x, others, settings)
        if len(found) != 2:
            raise ValueError(f"forward returned {len(found)} values, expected the output and a cache")
        return found

    def answer(dy: Array, cache: Any) -> tuple[Any, dict[str, Array]]:
        found = cache.passed_to(backward, dy) if isinstance(cache, _Given) else backward(dy, cache)
        return _gradients(found, order)

    title = f"{_name(forward)}, {_name(backward)}"
    return Adapted(title, run, answer, given, extra=extra, batch_axis=batch_axis)


class _Given:
    """What a forward function was given, for a backward function that takes it in the place of a cache."""

    def __init__(self, x: Array, others: list[Any], settings: dict[str, Any]) -> None:
        self.x, self.others, self.settings = x, others, settings

    def passed_to(self, backward: Callable[..., Any], dy: Array) -> Any:
        taken = _signature(backward)
        settings = {name: value for name, value in self.settings.items() if name in taken}
        return backward(dy, self.x, *self.others, **settings)


def _gradients(found: Any, names: list[str]) -> tuple[Any, dict[str, Array]]:
    """Return what a backward function returned as dx and the gradients of the parameters."""
    answers = list(found) if isinstance(found, (tuple, list)) else [found]
    while len(answers) > 1 + len(names) and answers[-1] is None:
        answers.pop()
    if len(answers) != 1 + len(names):
        wanted = listed(["dx", *(f"d{name}" for name in names)]).replace(" or ", " and ")
        raise ValueError(f"backward returned {len(answers)} arrays, expected {1 + len(names)}: {wanted}")
    return answers[0], dict(zip(names, answers[1:], strict=True))


def _signature(function: Callable[..., Any]) -> Mapping[str, Any]:
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):  # a function written in C
        return {}


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", type(function).__name__)
