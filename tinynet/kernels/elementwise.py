"""Formulas of arrays, number by number: a layer states its mathematics, and this file sees to the memory."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from tinynet.kernels import memory
from tinynet.kernels.precision import at_least_single
from tinynet.types import Array


@at_least_single
def evaluate(formula: Callable[..., Array], *arrays: Array) -> Array:
    """Return a formula of each number by itself, such as ``evaluate(lambda dy, y: dy * (1 - y * y), dy, y)``.

    Parameters
    ----------
    formula : callable
        From arrays to an array, number by number: made of operators and NumPy's universal functions.
    *arrays : ndarray
        Of one shape, but that some may have further leading axes.

    Returns
    -------
    ndarray
        With all leading axes, in the memory order of the arguments.

    Notes
    -----
    NumPy works out an expression operation by operation, and each puts a whole array into fresh memory, which costs
    more than the arithmetic. Here the formula is only written down at first. So when an operation is worked out, it is
    known whether anything else needs its operands, and the result takes the place of one that nothing does.
    """
    if max([array.nbytes for array in arrays]) < memory.LEAST_BYTES:
        return formula(*arrays)
    written: Any = formula(*[_Argument(array) for array in arrays])
    value: Array = written.worked_out()
    return value


class _Term(NDArrayOperatorsMixin):
    """An operation of a formula, written down: what is to be done with which terms and numbers."""

    def __init__(self, operation: np.ufunc, operands: tuple[Any, ...]) -> None:
        self.operation, self.operands = operation, operands
        self.terms = [operand for operand in operands if isinstance(operand, _Term)]
        self.readers: float = 0  # operations that are still to read the value
        self.value: Array | None = None
        for term in self.terms:
            term.readers += 1

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **settings: Any) -> Any:
        return NotImplemented if settings or method != "__call__" else _Term(ufunc, operands)

    def worked_out(self) -> Array:
        """Return the value, in the place of one that nothing is still to read, or else on memory that is used again."""
        if self.value is None:
            operands = [term.worked_out() if isinstance(term, _Term) else term for term in self.operands]
            kinds = tuple([getattr(operand, "dtype", type(operand)) for operand in operands])
            dtype = _result_type(self.operation, kinds)
            values = [term.worked_out() for term in self.terms]
            widest = values[0] if len(values) == 1 else max(values, key=np.ndim)
            place = None
            for term, value in zip(self.terms, values, strict=True):
                term.readers -= 1
                if not term.readers and value.shape == widest.shape and value.dtype == dtype:
                    place = value
            self.value = self.operation(*operands, out=memory.empty_like(widest, dtype) if place is None else place)
        return self.value


class _Argument(_Term):
    """An array that a formula is given: nothing takes its place."""

    def __init__(self, array: Array) -> None:
        self.value, self.readers = array, math.inf


@functools.lru_cache(maxsize=256)
def _result_type(ufunc: np.ufunc, kinds: tuple[Any, ...]) -> np.dtype[Any]:
    return ufunc.resolve_dtypes((*kinds, None))[-1]


def only_where(mask: Array, values: Array, out: Array | None = None) -> Array:
    """Return the values where a mask is true, and 0 elsewhere, even for values that are infinite or no numbers.

    Parameters
    ----------
    mask : ndarray of bool
        Broadcast against the values.
    values : ndarray of float
    out : ndarray, optional
        Where to put the result.

    Notes
    -----
    A product with the mask would make NaN of an infinite delta, and `np.where` takes twenty times as long on a mask
    without a pattern, for it guesses which way each number goes. So the bits are multiplied, read as a whole number:
    once they are the number, and no times they are 0.
    """
    bits = f"i{values.itemsize}"
    if out is None:
        out = memory.empty_like(values)
    times = mask.view(np.int8) if mask.size >= values.size else mask.astype(bits)
    np.multiply(values.view(bits), times, out=out.view(bits))
    return out
