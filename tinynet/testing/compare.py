"""Arrays compared, and objects before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinynet.testing.numeric import largest, rounding
from tinynet.testing.report import Worst
from tinynet.types import Array


def worst_entry(name: str, got: Array, wanted: Array, tolerance: float | Array | None = None) -> Worst | None:
    """Return the entry that is furthest off, or None if all agree.

    Parameters
    ----------
    name : str
        Of the array.
    got, wanted : ndarray
        Of one shape.
    tolerance : float or ndarray, optional
        How far an entry may be off; rounding alone if not given.
    """
    if tolerance is None:
        tolerance = rounding(got, wanted) * max(largest(wanted), largest(got[np.isfinite(got)]))
    with np.errstate(invalid="ignore"):  # infinity less infinity
        off = np.abs(np.subtract(got, wanted, dtype=np.float64))
    off = np.where(np.isfinite(off), off, np.inf)
    off[(got == wanted) | (np.isnan(got) & np.isnan(wanted))] = 0
    wrong = off > tolerance
    if not wrong.any():
        return None
    index = tuple(int(i) for i in np.unravel_index(np.argmax(np.where(wrong, off, 0)), off.shape))
    return Worst(name, index, float(got[index]), float(wanted[index]), int(wrong.sum()), off.size)


def same_bits(a: Array, b: Array) -> bool:
    """Return whether two arrays hold the same bits."""
    return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()


def changed(before: Any, after: Any) -> list[str]:
    """Return the names of the entries that differ between two fingerprints of an object.

    Parameters
    ----------
    before, after : dict
        As `fingerprint` returns them for an object's attributes.
    """
    return sorted(name for name in {**before, **after} if before.get(name, before) != after.get(name, after))


def fingerprint(value: Any, seen: frozenset[int] = frozenset()) -> Any:
    """Return something that compares unequal as soon as the value, or anything in it, is written to.

    Parameters
    ----------
    value : object
        A layer's attributes, say.
    seen : frozenset of int
        Identities of the objects around it, where it may hold itself.
    """
    if id(value) in seen:
        return "itself"
    inside = seen | {id(value)}
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, np.random.Generator):
        return str(value.bit_generator.state)
    if isinstance(value, Mapping):
        return {key: fingerprint(item, inside) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [fingerprint(item, inside) for item in value]
    if isinstance(value, (set, frozenset)):
        return frozenset(value)
    if isinstance(value, (int, float, complex, str, bytes, type(None))):
        return value
    if hasattr(value, "__dict__") and not isinstance(value, type) and not callable(value):
        return id(value), fingerprint(vars(value), inside)
    return id(value)
