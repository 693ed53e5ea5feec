"""What a network is put together from, checked and named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from tinynet.arguments import instance, whole_number, wrong
from tinynet.layers import Layer
from tinynet.types import Shape


def checked_layers(layers: Iterable[Layer]) -> tuple[Layer, ...]:
    """Return layers as a tuple, or raise a ValueError."""
    every: tuple[Any, ...] = tuple(layers) if isinstance(layers, Iterable) else ()
    if not every:
        raise wrong("layers", layers, "a list of at least one layer")
    return tuple(instance(f"layers[{place}]", layer, Layer) for place, layer in enumerate(every))


def checked_shape(shape: Iterable[int]) -> Shape:
    """Return the shape of one input as a tuple of int, or raise a ValueError.

    Parameters
    ----------
    shape : iterable of int
    """
    lengths = tuple(shape) if isinstance(shape, Iterable) and not isinstance(shape, str) else ()
    if not lengths:
        raise wrong("input_shape", shape, "at least one axis, such as (1, 28, 28) or (784,)")
    return tuple(whole_number("input_shape", length) for length in lengths)


def channels_hint(shape: Shape) -> str:
    """Return what to add to an error if images were given with their channels last, as other libraries have them.

    Parameters
    ----------
    shape : tuple of int
        Of one input.

    Examples
    --------
    >>> channels_hint((28, 28, 1)), channels_hint((1, 28, 28))
    ('; channels come first: (1, 28, 28)', '')
    """
    last = len(shape) == 3 and shape[-1] in (1, 3) and shape[0] not in (1, 3)
    return f"; channels come first: {(shape[-1], *shape[:-1])}" if last else ""


def checked_dtype(dtype: DTypeLike) -> np.dtype[Any]:
    """Return a floating-point type in this machine's byte order, or raise a ValueError."""
    expected = "a floating-point type such as float32"
    try:
        found = np.dtype(dtype).newbyteorder("=")
    except TypeError:
        raise wrong("dtype", dtype, expected) from None
    if dtype is None or found.kind != "f":
        raise wrong("dtype", dtype, expected)
    return found


def give_names(layers: Sequence[Layer]) -> None:
    """Name the layers that have no name by their kind and a running number.

    Raises
    ------
    ValueError
        If a layer stands in two places, or two have one name.
    """
    for layer in layers:
        if not isinstance(layer.name, str):
            raise wrong(f"name of a {type(layer).__name__}", layer.name, "text")
    if len({id(layer) for layer in layers}) < len(layers):
        raise ValueError("the same layer object stands in the network twice; make one for each place")
    taken = {layer.name for layer in layers if layer.name} | {"input"}
    if len(taken) <= sum(1 for layer in layers if layer.name):
        names = [layer.name for layer in layers if layer.name]
        twice = sorted({name for name in names if names.count(name) > 1} | ({"input"} & set(names)))
        raise ValueError(f"layer names must differ, and none may be 'input'; got {', '.join(twice)} more than once")
    numbers: dict[str, int] = {}
    for layer in layers:
        kind = layer.kind or type(layer).__name__.lower()
        numbers[kind] = numbers.get(kind, 0) + 1
        if not layer.name:
            while f"{kind}{numbers[kind]}" in taken:
                numbers[kind] += 1
            layer.name = f"{kind}{numbers[kind]}"
            taken.add(layer.name)
