"""The order of numbers in memory: images (N, C, H, W) lie as (H, C, W, N), a row of all maps and images in one run."""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from tinynet.kernels import memory
from tinynet.types import Array, Shape


def batch_innermost(x: Array) -> Array:
    """Return the array with its batch axis varying fastest in memory, and images' rows slowest; copied if need be.

    Parameters
    ----------
    x : ndarray of shape (N, ...)
        Images (N, C, H, W) come to lie as (H, C, W, N), anything else with the first axis moved to the end.
    """
    return out_of_memory_order(np.ascontiguousarray(in_memory_order(x)))


def in_memory_order(x: Array) -> Array:
    """See an array with its axes in the order of memory: images (N, C, H, W) as (H, C, W, N), anything else (..., N).

    Parameters
    ----------
    x : ndarray of shape (N, ...)
    """
    return x.transpose(2, 1, 3, 0) if x.ndim == 4 else x.transpose(*range(1, x.ndim), 0)


def out_of_memory_order(x: Array) -> Array:
    """See an array in the order of memory with its batch axis first again: what `in_memory_order` undoes.

    Parameters
    ----------
    x : ndarray of shape (..., N)
    """
    return x.transpose(3, 1, 0, 2) if x.ndim == 4 else x.transpose(-1, *range(x.ndim - 1))


def empty_batch(batch: Shape, unit: Shape, dtype: DTypeLike, stack: Shape = ()) -> Array:
    """Return an uninitialised array (*stack, *batch, *unit), each of whose batches lies as `batch_innermost` has it.

    Parameters
    ----------
    batch, unit : tuple of int
        Shape of the batch axes, and of one image or vector.
    dtype : dtype
    stack : tuple of int
        Axes in front of them, which vary slowest in memory too.
    """
    in_memory = (unit[1], unit[0], unit[2]) if len(unit) == 3 else unit
    values = memory.empty((*stack, *in_memory, *batch), dtype)
    return values.transpose(_batch_first(len(stack), len(unit), len(batch)))


@functools.lru_cache(maxsize=64)
def _batch_first(stack: int, unit: int, batch: int) -> tuple[int, ...]:
    """Return the axes of (stack, unit in the order of memory, batch) as (stack, batch, unit)."""
    order = (1, 0, 2) if unit == 3 else range(unit)
    return *range(stack), *range(stack + unit, stack + unit + batch), *(stack + axis for axis in order)


class Layout(NamedTuple):
    """A view of a contiguous array: its shape, its first byte, and its strides in bytes."""

    shape: Shape
    corner: int
    strides: Shape

    def of(self, array: Array) -> Array:
        """Return the view: numpy's as_strided, but light and checked."""
        return np.ndarray(self.shape, array.dtype, array, self.corner, self.strides)


def contiguous_strides(inner: Shape, itemsize: int) -> Shape:
    """Return the strides in bytes of a contiguous array, given the lengths of all its axes but the first.

    Parameters
    ----------
    inner : tuple of int
    itemsize : int
        Bytes of a number.
    """
    return tuple(math.prod(inner[axis:]) * itemsize for axis in range(len(inner) + 1))
