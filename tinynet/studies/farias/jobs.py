"""Hundreds of measurements, by several processes: each is kept in a file of its own, so none is lost or made twice."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any, Protocol

from tinynet.datasets import Dataset
from tinynet.kernels.parallel import thread_count
from tinynet.studies.engine.experiment import Numbers, checksum, kept

THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Job(Protocol):
    """Something to measure: trained in one process, from the data alone."""

    @property
    def name(self) -> str:
        """What its file is called, without the ending."""

    @property
    def cost(self) -> float:
        """How long it takes, in units that compare jobs."""

    @property
    def identity(self) -> dict[str, Any]:
        """What makes it the job that it is, in types that JSON gives back."""

    def measure(self, train: Dataset, test: Dataset) -> Numbers:
        """Return named arrays."""


class Work:
    """Data and a folder, from which each process does one job after the other.

    Parameters
    ----------
    folder : path
        Where the files are.
    train, test : Dataset
    """

    def __init__(self, folder: Path, train: Dataset, test: Dataset) -> None:
        self.folder, self.train, self.test = folder, train, test
        self.images = checksum([train.x, train.labels, test.x, test.labels])

    def do(self, job: Job) -> Numbers:
        """Return what a job measures, from its file if it is there.

        Parameters
        ----------
        job : Job
        """
        identity = {"job": job.identity, "images": self.images}
        path = self.folder / f"{job.name}.npz"
        return kept(path, identity, type(job).measure, lambda: job.measure(self.train, self.test))


def done(work: Work, jobs: Sequence[Job], after_each: Callable[[Job], object], processes: int | None = None) -> None:
    """Do all jobs that are not done yet, the longest first, each by one process with one thread.

    Parameters
    ----------
    work : Work
    jobs : sequence of Job
    after_each : callable
        Told of each job that is done.
    processes : int, optional
        How many at once; as many as there are processors if not given, and none but this one if 1.

    Notes
    -----
    A file is written whole when its job is done. If this process is interrupted or killed, the others end with it;
    the next run finds the files and goes on with what is missing.
    """
    waiting = sorted(jobs, key=lambda job: -job.cost)
    count = min(thread_count() if processes is None else processes, len(waiting))
    if count <= 1:
        for job in waiting:
            work.do(job)
            after_each(job)
        return
    context = multiprocessing.get_context("spawn")
    with _one_thread_each(), _ending_with_this(ProcessPoolExecutor(count, context, _begin, (work,))) as pool:
        pending = {pool.submit(_do, job): job for job in waiting}
        for future in as_completed(pending):
            future.result()
            after_each(pending[future])


_work: Work | None = None


def _begin(work: Work) -> None:
    """Take up the data in a new process, and see to it that the process ends with the one that started it."""
    global _work
    _work = work
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _do(job: Job) -> None:
    assert _work is not None
    _work.do(job)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextlib.contextmanager
def _ending_with_this(pool: ProcessPoolExecutor) -> Iterator[ProcessPoolExecutor]:
    """End the pool's processes at once if something goes wrong here, rather than wait for their jobs."""
    before = set(multiprocessing.active_children())
    try:
        yield pool
    except BaseException:
        for process in set(multiprocessing.active_children()) - before:
            process.terminate()
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


@contextlib.contextmanager
def _one_thread_each() -> Iterator[None]:
    """Tell the BLAS libraries of processes that start meanwhile to use one thread."""
    before = {name: os.environ.get(name) for name in THREAD_LIMITS}
    os.environ.update(dict.fromkeys(THREAD_LIMITS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
