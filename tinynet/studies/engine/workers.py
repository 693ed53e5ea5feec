"""Where jobs run: in this process, in processes of this machine, on a Dask cluster, or on any other executor."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import pickle
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinynet.arguments import whole_number
from tinynet.datasets import Dataset
from tinynet.files import workshop
from tinynet.interruption import held_back
from tinynet.kernels.parallel import thread_count
from tinynet.progress import share_no_progress
from tinynet.studies.engine import jobs
from tinynet.studies.engine.jobs import Job, Numbers

THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
AHEAD = 2  # jobs that each worker of a cluster has waiting or in work, so that none is idle while results travel
MOST = max(64, 4 * (os.cpu_count() or 1))  # processes, each of which takes a hundred megabytes and more
PATIENCE = "10s"  # for a scheduler that does not answer


@dataclass(frozen=True)
class Workers:
    """An executor whose workers have the data set.

    Attributes
    ----------
    executor : concurrent.futures.Executor
    data : object
        What a job is handed: the data set, or what stands for it where it was sent before.
    at_once : callable
        Returns how many jobs to hand out at once.
    are_there : callable
        Returns whether they can still be reached; where not, jobs that run will not be heard of again.
    """

    executor: Executor
    data: Any
    at_once: Callable[[], int]
    are_there: Callable[[], bool] = lambda: True

    def submit(self, job: Job, needed: Sequence[Numbers]) -> Future[tuple[Numbers, float]]:
        """Hand out a job.

        Parameters
        ----------
        job : Job
        needed : sequence of mapping
            Results of the jobs that it needs.
        """
        return self.executor.submit(_done, job, self.data, list(needed))


@contextlib.contextmanager
def at_work(workers: int | str | Executor | None, data: Dataset) -> Iterator[Workers]:
    """Give workers that have a data set, and let go of them in the end.

    Parameters
    ----------
    workers : int, str, Executor or None
        Number of processes on this machine (1: this process; None: one for each processor), address of the scheduler
        of a Dask cluster, or any executor.
    data : Dataset

    Yields
    ------
    Workers

    Notes
    -----
    The data set travels once to each process that is begun here and to each worker of a cluster; other executors are
    handed it with every job.
    """
    if isinstance(workers, str):
        with _client(workers) as client:
            yield _cluster(client.get_executor(), client, data)
    elif isinstance(workers, Executor):
        client = getattr(workers, "_client", None)  # that of a Dask cluster
        count = getattr(workers, "_max_workers", thread_count())
        yield Workers(workers, data, lambda: count) if client is None else _cluster(workers, client, data)
    elif workers is not None and whole_number("workers", workers, 1, MOST) == 1:
        yield Workers(_Here(), data, lambda: 1)
    else:
        with _processes(thread_count() if workers is None else workers, data) as found:
            yield found


class _Here(Executor):
    """Runs each job at once, in this process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run a function, and return a future that is done."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


@contextlib.contextmanager
def _client(address: str) -> Iterator[Any]:
    """Give a client of a Dask cluster; what goes wrong with it is told by the study, in one line."""
    try:
        from distributed import Client
    except ImportError as error:
        raise ValueError("a Dask cluster needs an extra: pip install 'tinynet-numpy[distributed]'") from error
    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client", "distributed.core")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        try:
            client = Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ValueError(f"no scheduler of a Dask cluster answers at {address} ({error})") from error
        try:
            yield client
        finally:
            client.close(PATIENCE)
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _cluster(executor: Executor, client: Any, data: Dataset) -> Workers:
    """Return the workers of a Dask cluster; the data set is sent to all of them."""
    if not client.nthreads():
        raise ValueError("the Dask cluster has no workers")
    count = 1

    def at_once() -> int:
        nonlocal count
        with contextlib.suppress(OSError, RuntimeError):  # the scheduler is gone, which its jobs tell
            count = max(sum(client.nthreads().values()), 1)
        return AHEAD * count

    return Workers(executor, client.scatter(data, broadcast=True), at_once, lambda: client.status == "running")


@contextlib.contextmanager
def _processes(count: int, data: Dataset) -> Iterator[Workers]:
    """Give processes that start anew, with one thread each, and end with this one whatever becomes of it.

    The data set lies in a file for them, as a process that dies before it has read what it is started with blocks the
    one that starts it.
    """
    context = multiprocessing.get_context("spawn")
    before = set(multiprocessing.active_children())
    with workshop(tempfile.gettempdir()) as folder, _one_thread_each():
        file = folder / "data.pickle"
        file.write_bytes(pickle.dumps(data, protocol=5))
        pool = _Pool(count, context, _begin, (file,))
        try:
            yield Workers(pool, None, lambda: count)
        except BaseException:  # nothing is waited for: not the jobs behind Ctrl-C, nor a process begun as another died
            for process in set(multiprocessing.active_children()) - before:
                process.terminate()
            raise
        finally:
            pool.shutdown(cancel_futures=True)


class _Pool(ProcessPoolExecutor):
    """Processes that Ctrl-C never reaches, not even while they start, when they would complain at length."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand out work, for which a process may be begun: whole, and it inherits which signals wait."""
        with held_back():
            if not hasattr(signal, "pthread_sigmask"):  # on Windows
                return super().submit(fn, *args, **kwargs)
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                return super().submit(fn, *args, **kwargs)
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)


_sent: Dataset | None = None


def _begin(file: Path) -> None:
    """Take up the data in a new process, and see to it that the process ends with the one that started it."""
    global _sent
    share_no_progress()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _sent = pickle.loads(file.read_bytes())


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _done(job: Job, data: Dataset | None, needed: Sequence[Numbers]) -> tuple[Numbers, float]:
    found = _sent if data is None else data
    assert found is not None
    return jobs.done(job, found, needed)


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
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
