"""Which units are silenced, and what stands in the place of their outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import finite_array, one_of, shown, wrong
from tinynet.layers import KnockOut
from tinynet.types import Array, Shape

Units: TypeAlias = Mapping[str, int | Sequence[int]] | Sequence[tuple[str, int]]
Replacement: TypeAlias = "str | ArrayLike | Mapping[str, ArrayLike]"


def one_by_one(units: object, what: str = "units") -> list[tuple[str, int]]:
    """Return units as pairs of a layer's name and a number, in the order in which they stand.

    Parameters
    ----------
    units : mapping of str to int or sequence of int, or sequence of Unit
        For each output its units, or its only one; or pairs, as :func:`tinynet.rank_units` returns them.
    what : str
        What the user calls them.

    Raises
    ------
    ValueError
        If they are neither.

    Examples
    --------
    >>> one_by_one({"tanh2": [3, 0], "tanh1": [5]})
    [('tanh2', 3), ('tanh2', 0), ('tanh1', 5)]
    """
    if isinstance(units, Mapping):
        grouped = by_layer(units)
        for name, numbers in grouped.items():
            if np.ndim(numbers) != 1:
                raise ValueError(f"{name}: units are {shown(numbers)}, expected a list of their numbers")
        return [(name, number) for name, numbers in grouped.items() for number in numbers]
    pairs = list(units) if isinstance(units, Sequence) and not isinstance(units, str) else None
    if pairs is None or not all(isinstance(p, Sequence) and len(p) == 2 and isinstance(p[0], str) for p in pairs):
        expected = (
            'names of layers with numbers of units, such as {"tanh1": [0, 2]}, or pairs, as rank_units returns them'
        )
        raise wrong(what, units, expected)
    return [(name, number) for name, number in pairs]


def by_layer(units: object) -> Mapping[str, Sequence[int]]:
    """Return units as the numbers of those of each layer.

    Parameters
    ----------
    units : mapping of str to sequence of int, or sequence of Unit
        As in `one_by_one`.

    Examples
    --------
    >>> by_layer([("tanh2", 3), ("tanh1", 5), ("tanh2", 0)]), by_layer({"tanh1": 5})
    ({'tanh2': [3, 0], 'tanh1': [5]}, {'tanh1': [5]})
    """
    if isinstance(units, Mapping):
        return {name: _as_list(chosen) for name, chosen in units.items()}
    grouped: dict[str, list[int]] = {}
    for layer, number in one_by_one(units):
        grouped.setdefault(layer, []).append(number)
    return grouped


def _as_list(numbers: Any) -> Any:
    return [numbers] if isinstance(numbers, (int, np.integer)) else numbers


def checked_units(name: str, units: Sequence[int], shape: Shape) -> list[int]:
    """Return units of an output as a list of their numbers.

    Parameters
    ----------
    name : str
        Of the output.
    units : sequence of int
    shape : tuple of int
        Of the output.

    Raises
    ------
    ValueError
        Naming the first that is no unit.
    """
    if np.ndim(units) != 1:
        raise ValueError(f"{name}: units are {shown(units)}, expected a list of their numbers")
    for unit in units:
        is_number = isinstance(unit, (int, np.integer)) and not isinstance(unit, bool)
        if not is_number or not 0 <= unit < shape[0]:
            raise ValueError(f"{name}: no unit {shown(unit)}: there are {shape[0]}, numbered from 0")
    return [int(unit) for unit in units]


def knockout_layer(
    name: str,
    units: Sequence[int],
    shape: Shape,
    dtype: np.dtype[Any],
    replace: Replacement,
    kinds: Mapping[str, Callable[[str], Array]],
) -> KnockOut:
    """Return the layer that silences units of an output.

    Parameters
    ----------
    name : str
        Of the output.
    units : sequence of int
    shape : tuple of int
        Of the output.
    dtype : dtype
        Of the network.
    replace : "zero", "mean", "bias", array_like, or mapping of str to array_like
        What stands in the place of the units' outputs.
    kinds : mapping of str to callable
        For "mean" and "bias" what stands in the place of the output with a name, of that shape.

    Raises
    ------
    ValueError
        If there are no such units, or the replacement does not fit them.
    """
    chosen = checked_units(name, units, shape)
    if isinstance(replace, Mapping):
        if name not in replace:
            raise ValueError(f"{name}: units are to be replaced, but there are no values for it in replace")
        replace = replace[name]
    if isinstance(replace, str):
        replace = 0.0 if one_of("replace", replace, ["zero", *kinds]) == "zero" else kinds[replace](name)[chosen]
    layer = KnockOut(chosen, finite_array(f"{name}: replace", replace, dtype))
    try:
        layer.build(shape, np.random.default_rng(0), dtype)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error
    return layer
