"""Sizes and directions of arrays, exact for tiny and for huge numbers: every norm of `explain` is taken here."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import one_of, real_array
from tinynet.types import Array

NORMS = ("frobenius", "max", "l1")
Axes = int | tuple[int, ...]


def norm(
    values: ArrayLike, axis: Axes, kind: str = "frobenius", *, mean: bool = False, keepdims: bool = False
) -> Array:
    """Return the size of an array along some axes.

    Parameters
    ----------
    values : array_like
        Real numbers; float16 is worked on as float32, whole numbers as float64.
    axis : int or tuple of int
        The axes that the size is taken over.
    kind : {"frobenius", "max", "l1"}
        Root of the sum of squares, largest absolute value, or sum of absolute values.
    mean : bool
        Root of the mean of squares, and mean of absolute values, instead of sums.
    keepdims : bool
        Keep the axes, with length one.

    Returns
    -------
    ndarray

    Notes
    -----
    |a| = |s a| / s with s a power of two that brings the largest entry near one: squares then neither vanish nor
    overflow, and no digit is lost.
    """
    one_of("norm", kind, NORMS)
    numbers = _floats(values)
    scale = _scale(numbers, axis)
    with np.errstate(under="ignore", over="ignore"):
        sizes = np.abs(numbers * scale)
        if kind == "max":
            total = sizes.max(axis=axis, keepdims=True, initial=0)
        else:
            summed = np.mean if mean else np.sum
            total = np.asarray(summed(sizes if kind == "l1" else np.square(sizes), axis=axis, keepdims=True))
        found = (np.sqrt(total) if kind == "frobenius" else total) / scale
    return found if keepdims else np.squeeze(found, axis)


def directions(values: ArrayLike, axis: Axes, *, mean: bool = False) -> Array:
    """Return an array divided by its size along some axes; zeros stay zeros.

    Parameters
    ----------
    values : array_like
        Real numbers.
    axis : int or tuple of int
        The axes that the size is taken over.
    mean : bool
        Divide by the root of the mean of squares, so that it becomes one, instead of the root of their sum.

    Returns
    -------
    ndarray of the shape of `values`
    """
    numbers = _floats(values)
    with np.errstate(under="ignore"):
        scaled = numbers * _scale(numbers, axis)
        size = norm(scaled, axis, mean=mean, keepdims=True)
        return np.divide(scaled, size, out=np.zeros_like(scaled), where=size > 0)


def _floats(values: ArrayLike) -> Array:
    array = real_array("gradient", values)
    return array.astype(np.result_type(array, np.float32 if array.dtype.kind == "f" else np.float64), copy=False)


def _scale(numbers: Array, axis: Axes) -> Array:
    """Return the power of two that brings the largest absolute value along the axes near one."""
    largest = np.maximum(
        numbers.max(axis=axis, keepdims=True, initial=0), -numbers.min(axis=axis, keepdims=True, initial=0)
    )
    most = np.finfo(numbers.dtype).maxexp - 8
    _, exponent = np.frexp(np.where(np.isfinite(largest), largest, 1))
    return np.ldexp(np.ones_like(largest), -np.clip(exponent, -most, most))
