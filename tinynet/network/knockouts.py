"""Which units are silenced, and what stands in the place of their outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import finite_array, one_of, shown
from tinynet.layers import KnockOut
from tinynet.types import Array, Shape

UnitsByLayer: TypeAlias = Mapping[str, Sequence[int]]
Replacement: TypeAlias = "str | ArrayLike | Mapping[str, ArrayLike]"


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
