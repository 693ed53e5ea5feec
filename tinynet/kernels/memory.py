"""Memory that comes back: the pages of large arrays are used again once nobody can see them any more.

Fresh memory is dear. The operating system hands it out page by page and fills it with zeros, which for the activations
of a network takes as long as computing them. A training step asks for the same sizes as the step before it, so what
one step lets go of serves the next.
"""

from __future__ import annotations

import functools
import math
import mmap
import os
import time
from collections import deque
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from tinynet.types import Array

LEAST_BYTES = 1 << 17  # smaller arrays are left to NumPy
KEPT_BYTES = 1 << 29  # kept at most for arrays to come: what the gradients of 15 classes of a hundred images need
IDLE_SECONDS = 5.0  # what nobody asked for in that time is let go; to make all of it anew takes a fiftieth of it
PRIVATE = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if hasattr(mmap, "MAP_PRIVATE") else {}  # to one process


def empty(shape: tuple[int, ...], dtype: DTypeLike) -> Array:
    """Return a contiguous array of any values, on used memory if there is some.

    Parameters
    ----------
    shape : tuple of int
    dtype : dtype
    """
    size = math.prod(shape) * np.dtype(dtype).itemsize
    if _pool.bytes:
        _pool.let_go()
    if size < LEAST_BYTES:
        return np.empty(shape, dtype)
    pool, memory = _pool, _pool.take(size)
    lease = _Lease(size, np.uint8, buffer=memory)
    lease.memory, lease.pool = memory, pool
    return np.ndarray(shape, dtype, buffer=lease)


def empty_like(x: Array, dtype: DTypeLike | None = None) -> Array:
    """Return an uninitialised array of the shape, order in memory and, unless told otherwise, type of another."""
    if x.nbytes < LEAST_BYTES:
        return np.empty_like(x, dtype, subok=False)
    order, inverse = _memory_order(x.strides)
    return empty(tuple([x.shape[axis] for axis in order]), x.dtype if dtype is None else dtype).transpose(inverse)


@functools.lru_cache(maxsize=256)
def _memory_order(strides: tuple[int, ...]) -> tuple[list[int], list[int]]:
    """Return the axes from the slowest in memory to the fastest, and where each of them is found there."""
    order = sorted(range(len(strides)), key=lambda axis: -abs(strides[axis]))
    return order, sorted(range(len(strides)), key=order.__getitem__)


class _Pool:
    """Memory that was given back, by size. What came last is taken first: it may still be in the cache.

    Notes
    -----
    An array may be destroyed at any moment, in another thread or in this one while it is in here, and Ctrl-C may end
    any of this half-way. So there is no lock that could stay closed: each step is one operation of a dictionary or a
    deque, which nobody sees half-done; only the number of bytes may be off by a little until it is counted anew.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self.kept: dict[int, deque[tuple[float, mmap.mmap]]] = {}  # with the time at which it was given back
        self.bytes = 0  # of all that is kept
        self.looked = 0.0

    def count(self) -> int:
        """Return how many bytes are kept, counted one by one."""
        self.bytes = sum(size * len(self.kept[size]) for size in list(self.kept))
        return self.bytes

    def take(self, size: int) -> mmap.mmap:
        """Return memory of one size."""
        try:
            _, memory = self.kept[size].pop()
        except (KeyError, IndexError):
            return _fresh(size)
        self.bytes -= size
        return memory

    def give_back(self, memory: mmap.mmap) -> None:
        """Keep memory for whoever asks for its size next."""
        self.kept.setdefault(len(memory), deque()).append((time.monotonic(), memory))
        self.bytes += len(memory)
        while self.bytes > KEPT_BYTES and self.count() > KEPT_BYTES:
            self._drop_oldest(before=math.inf)

    def let_go(self) -> None:
        """Return to the operating system what nobody has asked for in a while."""
        now = time.monotonic()
        if now - self.looked > IDLE_SECONDS / 4:
            self.looked = now
            while self._drop_oldest(before=now - IDLE_SECONDS):
                pass
            self.count()

    def _drop_oldest(self, before: float) -> bool:
        ages = {}
        for size in list(self.kept):
            with suppress(IndexError):
                ages[size] = self.kept[size][0][0]
        oldest = min(ages, key=ages.__getitem__, default=None)
        if oldest is None or ages[oldest] >= before:
            return False
        with suppress(IndexError):  # another thread was first
            self.kept[oldest].popleft()
        return True


class _Lease(np.ndarray[Any, np.dtype[np.uint8]]):
    """Bytes on loan: an array made on them, and each view of it, keeps the lease; with the last one they come back."""

    memory: mmap.mmap | None = None  # of a slice of a lease: what it is a slice of keeps the memory
    pool: _Pool

    def __del__(self) -> None:
        if self.memory is not None:
            self.pool.give_back(self.memory)


def _fresh(size: int) -> mmap.mmap:
    memory = mmap.mmap(-1, size, **PRIVATE)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        memory.madvise(mmap.MADV_HUGEPAGE)
    return memory


_pool = _Pool()
if hasattr(os, "register_at_fork"):  # what a forked process keeps would only hold on to its parent's pages
    os.register_at_fork(after_in_child=_pool.clear)
