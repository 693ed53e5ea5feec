"""Work that several threads do at once, as many as the user allows."""

from __future__ import annotations

import contextvars
import itertools
import os
import queue
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


def thread_count() -> int:
    """Return how many threads may work at once: one for each processor at hand, unless a limit is set for BLAS.

    Notes
    -----
    The limits are the environment variables that BLAS libraries obey: OMP_NUM_THREADS, OPENBLAS_NUM_THREADS and
    MKL_NUM_THREADS, of which the first number counts. How work is cut into parts, and so every result, does not depend
    on the number of threads.
    """
    at_hand = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    values = [os.environ.get(f"{library}_NUM_THREADS", "") for library in ("OMP", "OPENBLAS", "MKL")]
    limits = [re.match(r"\s*\+?([0-9]{1,9})", value) for value in values]
    return min([at_hand, *(max(int(limit[1]), 1) for limit in limits if limit)])


def in_parallel(work: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
    """Yield the result of each task in order, worked out by several threads, no further ahead than there are threads.

    Parameters
    ----------
    work : callable
        From a task to its result; NumPy lets several threads compute at once.
    tasks : iterable

    Notes
    -----
    The calling thread is one of them: it is awake already, and would otherwise keep a processor from the one that it
    wakes. It also does what no other thread has begun, so nothing depends on there being others: not in a forked
    process, not in a thread that outlives the main one, not while the interpreter exits. Work within work stays with
    the thread that it is in.
    """
    waiting = iter(tasks)
    first = list(itertools.islice(waiting, 2))
    waiting = itertools.chain(first, waiting)
    count = 1 if len(first) < 2 or getattr(_here, "is_at_work", False) else thread_count()
    if count == 1:
        yield from map(work, waiting)
        return
    while group := list(itertools.islice(waiting, count)):
        jobs = [_Job(work, task) for task in group]
        try:
            for job in jobs[:-1]:
                _helpers.hand_out(job, count - 1)
            for job in reversed(jobs):
                job.do()
        finally:
            for job in jobs:
                job.wait()
        while jobs:
            yield jobs.pop(0).result()


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


class _Job:
    """A task that is done once, by whoever begins it first: with what the caller told NumPy about errors.

    Notes
    -----
    Ctrl-C may end what the main thread does here after any call. Who begins is therefore written down by the very call
    that decides it, and what a thread began itself, it never waits for.
    """

    def __init__(self, work: Callable[[Any], Any], task: Any) -> None:
        self.call: tuple[Callable[[Any], Any], Any] | None = (work, task)
        self.context = contextvars.copy_context()
        self.begun_by: dict[str, int] = {}
        self.done = threading.Lock()
        self.done.acquire()
        self.value: Any = None
        self.error: BaseException | None = None

    def is_mine(self) -> bool:
        """Return whether this thread is the one that begins, from now on if nobody has."""
        return self.begun_by.setdefault("thread", threading.get_ident()) == threading.get_ident()

    def do(self) -> None:
        """Do the task, unless another thread is at it or through with it."""
        if not self.is_mine():
            return
        try:
            _here.is_at_work = True
            work, task = self.call  # type: ignore[misc]
            self.value = self.context.run(work, task)
        except BaseException as error:
            self.error = error
        finally:
            _here.is_at_work = False
            self.call = None
            self.done.release()

    def wait(self) -> None:
        """Wait for the thread that is at it; what nobody has begun, nobody will begin."""
        if not self.is_mine():
            self.done.acquire()

    def result(self) -> Any:
        """Return what came of it, or raise what went wrong."""
        if self.error is not None:
            raise self.error
        return self.value


class _Helpers:
    """Threads that wait for jobs, and are not waited for when Python exits."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin without threads, as a forked process does."""
        self.jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self.threads: list[threading.Thread] = []

    def hand_out(self, job: _Job, most: int) -> None:
        """Offer a job to at most so many threads, started when they are first needed."""
        self.jobs.put(job)
        if len(self.threads) < most:
            helper = threading.Thread(target=_help, args=(self.jobs,), name="tinynet", daemon=True)
            try:
                helper.start()
            except RuntimeError:  # no new threads, for instance while the interpreter exits
                return
            self.threads.append(helper)


def _help(jobs: queue.SimpleQueue[_Job]) -> None:
    while True:
        jobs.get().do()  # nothing keeps the job afterwards, and with it its arrays


_helpers = _Helpers()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_helpers.forget)
