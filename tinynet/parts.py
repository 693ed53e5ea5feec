"""Work on many images, cut into parts that fit the cache and done by several threads."""

from __future__ import annotations

import functools
import itertools
import math
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

from tinynet.network import Network

Task = TypeVar("Task")
Result = TypeVar("Result")

PART_BYTES = 1 << 22  # of the largest activation of the images of a part


def part_size(net: Network) -> int:
    """Return how many images to work on at once, so that the largest activation stays within PART_BYTES.

    Parameters
    ----------
    net : Network
    """
    largest = max(math.prod(shape) for shape in net.shapes.values()) * net.dtype.itemsize
    return max(PART_BYTES // largest, 1)


def thread_count() -> int:
    """Return how many threads may work at once: one for each processor at hand, unless a limit is set for BLAS.

    Notes
    -----
    The limits are the environment variables that BLAS libraries obey: OMP_NUM_THREADS, OPENBLAS_NUM_THREADS and
    MKL_NUM_THREADS. How work is cut into parts, and so every result, does not depend on the number of threads.
    """
    at_hand = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limits = [os.environ.get(f"{library}_NUM_THREADS", "") for library in ("OMP", "OPENBLAS", "MKL")]
    return min([at_hand, *(max(int(limit), 1) for limit in limits if limit.isdecimal())])


def in_parallel(work: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
    """Yield the result of each task in order, worked out by several threads, no further ahead than there are threads.

    Parameters
    ----------
    work : callable
        From a task to its result; NumPy lets several threads compute at once.
    tasks : iterable

    Notes
    -----
    The threads are kept from call to call, and with them the memory that kernels have set aside. The calling thread is
    one of them: it is awake already, and would otherwise keep a processor from the one that it wakes. Work within work
    stays with the thread that it is in.
    """
    waiting = iter(tasks)
    first = list(itertools.islice(waiting, 2))
    waiting = itertools.chain(first, waiting)
    count = 1 if len(first) < 2 or getattr(_here, "is_worker", False) else thread_count()
    if count == 1:
        yield from map(work, waiting)
        return
    pool = _workers(count - 1)
    while group := list(itertools.islice(waiting, count)):
        others = [pool.submit(work, task) for task in group[:-1]]
        _here.is_worker = True
        try:
            own = work(group[-1])
        finally:
            _here.is_worker = False
            wait(others)
        yield from (other.result() for other in others)
        yield own


_here = threading.local()


@functools.lru_cache(maxsize=1)
def _workers(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, "tinynet", initializer=lambda: setattr(_here, "is_worker", True))


if hasattr(os, "register_at_fork"):  # a forked process has none of its parent's threads
    os.register_at_fork(after_in_child=_workers.cache_clear)
