"""Work that several threads do at once, as many as the user allows."""

from __future__ import annotations

import functools
import itertools
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


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
            for other in others:
                other.exception()  # waits, at half the cost of concurrent.futures.wait
        yield from (other.result() for other in others)
        yield own


def all_in_parallel(work: Callable[[Task], Result], tasks: Sequence[Task]) -> list[Result]:
    """Return the result of each task, worked out by several threads that take one after the other until none is left.

    Parameters
    ----------
    work : callable
        From a task to its result.
    tasks : sequence

    Notes
    -----
    Other threads are woken once, which takes about as long as ten million multiply-adds, and a slow one holds up
    nobody: better than `in_parallel` for short tasks whose results may all be kept.
    """
    if len(tasks) < 2:
        return [work(task) for task in tasks]
    results: dict[int, Result] = {}
    waiting = iter(enumerate(tasks))

    def take(_: int) -> None:
        for index, task in waiting:
            results[index] = work(task)

    for _ in in_parallel(take, range(min(thread_count(), len(tasks)))):
        pass
    return [results[index] for index in range(len(tasks))]


_here = threading.local()


@functools.lru_cache(maxsize=1)
def _workers(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, "tinynet", initializer=lambda: setattr(_here, "is_worker", True))


if hasattr(os, "register_at_fork"):  # a forked process has none of its parent's threads
    os.register_at_fork(after_in_child=_workers.cache_clear)
