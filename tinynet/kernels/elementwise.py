"""Formulas of arrays, number by number: a layer states its mathematics, and this file sees to the memory."""

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


def evaluate(formula: Callable[..., Array], *arrays: Array) -> Array:
    """Return a formula of each number by itself, such as ``evaluate(lambda dy, y: dy * (1 - y * y), dy, y)``.

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
    NumPy works out an expression operation by operation, and each puts a whole array into fresh memory, which costs
    more than the arithmetic. Here each takes memory that was used before, often by the operation before the last.
    """
    return _carefully(functools.partial(_evaluated, formula), arrays)


def _evaluated(formula: Callable[..., Array], *arrays: Array) -> Array:
    if max(array.nbytes for array in arrays) < memory.LEAST_BYTES:
        return formula(*arrays)
    return np.asarray(formula(*[array.view(_Reusing) for array in arrays]))


class _Reusing(np.ndarray[Any, np.dtype[Any]]):
    """An array whose operations put their results into memory that is used again."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: Any, *inputs: Any, **settings: Any) -> Any:
        plain = [value.view(np.ndarray) if isinstance(value, _Reusing) else value for value in inputs]
        if method == "__call__" and ufunc.nout == 1 and not settings:
            arrays = [value for value in plain if isinstance(value, np.ndarray)]
            widest = max(arrays, key=np.ndim)
            kinds = tuple(value.dtype if isinstance(value, np.ndarray) else type(value) for value in plain)
            settings["out"] = memory.empty_like(widest, _result_type(ufunc, kinds))
        result = getattr(ufunc, method)(*plain, **settings)
        return result.view(_Reusing)


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
        return _carefully(functools.partial(kernel, **settings) if settings else kernel, arguments)

    return careful  # type: ignore[return-value]


def _carefully(kernel: Callable[..., Any], arguments: Sequence[Any]) -> Any:
    with np.errstate(under="ignore"):
        for value in arguments:
            if isinstance(value, np.ndarray) and value.dtype not in USUAL:
                break
        else:
            return kernel(*arguments)
        result = kernel(*[as_floats(value, np.float32) for value in arguments])
        is_half = all(value.dtype == np.float16 for value in arguments if isinstance(value, np.ndarray))
        return result.astype(np.float16) if is_half else result


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
