"""Memory that comes back: the pages of large arrays are used again once nobody can see them any more.

Fresh memory is dear. The operating system hands it out page by page and fills it with zeros, which for the activations
of a network takes as long as computing them. A training step asks for the same sizes as the step before it, so what
one step lets go of serves the next.
"""

from __future__ import annotations

import functools
import math
import mmap
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from tinynet.types import Array

LEAST_BYTES = 1 << 17  # smaller arrays are left to NumPy
KEPT_BYTES = 1 << 29  # kept at most for arrays to come: what the gradients of 15 classes of a hundred images need

_kept: dict[int, list[mmap.mmap]] = {}


class _Lease(np.ndarray[Any, np.dtype[np.uint8]]):
    """Bytes on loan: an array made on them, and each view of it, keeps the lease; with the last one they come back."""

    memory: mmap.mmap

    def __del__(self) -> None:
        _give_back(self.memory)


def empty(shape: tuple[int, ...], dtype: DTypeLike) -> Array:
    """Return a contiguous array of any values, on used memory if there is some.

    Parameters
    ----------
    shape : tuple of int
    dtype : dtype
    """
    size = math.prod(shape) * np.dtype(dtype).itemsize
    if size < LEAST_BYTES:
        return np.empty(shape, dtype)
    lease = _Lease(size, np.uint8, buffer=(memory := _taken(size)))
    lease.memory = memory
    return np.ndarray(shape, dtype, buffer=lease)


def empty_like(x: Array) -> Array:
    """Return an array of any values, of the shape, type and order in memory of another.

    Parameters
    ----------
    x : ndarray
    """
    if x.nbytes < LEAST_BYTES:
        return np.empty_like(x, subok=False)
    order, inverse = _orders(x.strides)
    return empty(tuple([x.shape[axis] for axis in order]), x.dtype).transpose(inverse)


@functools.lru_cache(maxsize=256)
def _orders(strides: tuple[int, ...]) -> tuple[list[int], list[int]]:
    """Return the axes from the slowest in memory to the fastest, and where each of them is found there."""
    order = sorted(range(len(strides)), key=lambda axis: -abs(strides[axis]))
    return order, sorted(range(len(strides)), key=order.__getitem__)


def _taken(size: int) -> mmap.mmap:
    try:
        return _kept[size].pop()
    except (KeyError, IndexError):
        memory = mmap.mmap(-1, size)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        memory.madvise(mmap.MADV_HUGEPAGE)
    return memory


def _give_back(memory: mmap.mmap) -> None:
    _kept.setdefault(len(memory), []).append(memory)
    while sum(size * len(arrays) for size, arrays in list(_kept.items())) > KEPT_BYTES:
        oldest = next(iter(list(_kept)))
        try:
            _kept[oldest].pop()
        except IndexError:
            _kept.pop(oldest, None)
