"""Formulas of arrays, evaluated block by block: a layer states its mathematics, and this file sees to the memory."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import DTypeLike

from tinynet.kernels import memory
from tinynet.types import Array

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

USUAL = {np.dtype(np.float32), np.dtype(np.float64)}
BLOCK_NUMBERS = 1 << 15  # evaluated at a time: a formula's intermediate results stay in the first two caches


def blockwise(formula: Callable[..., Array], *arrays: Array) -> Array:
    """Return a formula of each number by itself, such as ``blockwise(lambda dy, y: dy * (1 - y * y), dy, y)``.

    Parameters
    ----------
    formula : callable
        From arrays to an array, number by number.
    *arrays : ndarray
        Of one shape, but that some may have further leading axes.

    Returns
    -------
    ndarray
        With all leading axes, in the memory order of the arguments.

    Notes
    -----
    NumPy works out an expression operation by operation, and each of them puts a whole array into fresh memory. Here
    the expression is worked out for a block of numbers at a time, so that what lies between its operations never
    leaves the cache. Arrays are seen as (further axes, all numbers of the others in the order of memory), so that a
    slope is worked out once for all deltas that it is multiplied with.
    """
    return _carefully(functools.partial(_in_blocks, formula), arrays)


def _in_blocks(formula: Callable[..., Array], *arrays: Array) -> Array:
    widest = max(arrays, key=np.ndim)
    if widest.size <= BLOCK_NUMBERS:
        return formula(*arrays)
    unit = min(arrays, key=np.ndim)
    order, inverse = memory.memory_order(unit.strides)
    lines = [_in_order(array, order).reshape(-1, unit.size) for array in arrays]
    rows = max(len(line) for line in lines)
    step = max(BLOCK_NUMBERS // rows, 1)
    out: Array | None = None
    for first in range(0, unit.size, step):
        values = formula(*[line[:, first : first + step] for line in lines])
        if out is None:
            out = memory.empty((rows, unit.size), values.dtype)
        out[:, first : first + step] = values
    assert out is not None
    further = widest.shape[: widest.ndim - unit.ndim]
    return _in_order(out.reshape(*further, *(unit.shape[axis] for axis in order)), inverse)


def _in_order(array: Array, order: list[int]) -> Array:
    """See an array with its last axes in another order."""
    further = array.ndim - len(order)
    return array.transpose(*range(further), *(further + axis for axis in order))


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
    without a pattern, for it guesses which way each number goes. The bits of a number and those of -1, all set, are the
    number; and those of 0 are 0.
    """
    bits = f"i{values.itemsize}"
    if out is None:
        out = memory.empty_like(values)
    ones = np.negative(mask.view(np.int8), dtype=bits, out=out.view(bits) if mask.shape == out.shape else None)
    np.bitwise_and(values.view(bits), ones, out=out.view(bits))
    return out


def at_least_single(kernel: Kernel) -> Kernel:
    """Make a function of arrays work in float32 at least, whatever the arrays hold, and let numbers vanish silently.

    Parameters
    ----------
    kernel : callable
        From arrays, and whatever else, to an array.

    Notes
    -----
    Half precision is a way to store numbers: the answer is rounded to it once, at the end, where sums and exponentials
    on the way would overflow at 65,504. Pixels of whole numbers would wrap around. And a user who asks NumPy to raise
    at underflow does not mean the probabilities of a network that is sure.
    """

    @functools.wraps(kernel)
    def careful(*arguments: Any, **settings: Any) -> Any:
        return _carefully(functools.partial(kernel, **settings), arguments)

    return careful  # type: ignore[return-value]


def _carefully(kernel: Callable[..., Any], arguments: Sequence[Any]) -> Any:
    kinds = {array.dtype for array in arguments if isinstance(array, np.ndarray)}
    with np.errstate(under="ignore"):
        if kinds <= USUAL:
            return kernel(*arguments)
        result = kernel(*[as_floats(value, np.float32) for value in arguments])
        return result.astype(np.float16) if kinds == {np.dtype(np.float16)} else result


def as_floats(value: Any, least: DTypeLike = np.float16) -> Any:
    """Return an array of whole numbers as floats of 32 bits, or 64 if they take that many; other floats as they are.

    Parameters
    ----------
    value : object
        Such as an image of uint8; what is no array is returned as it is.
    least : dtype
        Which floats are too short, and are made float32 too.
    """
    if not isinstance(value, np.ndarray) or (value.dtype.kind == "f" and value.itemsize >= np.dtype(least).itemsize):
        return value
    return value.astype(np.result_type(value.dtype, np.float32))
