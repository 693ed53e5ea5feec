"""Jobs handed out to workers, the costliest first, and kept as each is finished: none is lost, none is done twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from graphlib import TopologicalSorter

from tinynet.studies.engine.jobs import Job, JobError, Numbers, Store
from tinynet.studies.engine.workers import Workers

NAMED = 3  # jobs that an error lists
GLANCE = 2.0  # seconds after which to see whether the workers of jobs that take long are still there


def with_needs(jobs: Iterable[Job]) -> list[Job]:
    """Return jobs, each once, and behind them those that they need.

    Raises
    ------
    ValueError
        If two different jobs have one name.
    """
    found = dict.fromkeys(jobs)
    waiting = list(found)
    while waiting:
        new = [job for job in waiting.pop().needs if job not in found]
        found.update(dict.fromkeys(new))
        waiting += new
    names: dict[str, Job] = {}
    for job in found:
        if names.setdefault(job.name, job) is not job:
            raise ValueError(f"two jobs are called {job.name}: {names[job.name]} and {job}")
    return list(found)


def results(
    jobs: Sequence[Job], store: Store, workers: Workers, after_each: Callable[[Job], object] = lambda job: None
) -> Mapping[Job, Numbers]:
    """Return the results of jobs and of all that they need, from the store where they are there already.

    Parameters
    ----------
    jobs : sequence of Job
    store : Store
    workers : Workers
    after_each : callable
        Told of each job that is done.

    Raises
    ------
    JobError
        If a job fails, or its worker is lost. No further job is begun then; those that run are finished and kept.
    """
    sorter = TopologicalSorter({job: job.needs for job in with_needs(jobs)})
    sorter.prepare()
    found: dict[Job, Numbers] = {}
    ready: list[Job] = []
    running: dict[Future[tuple[Numbers, float]], Job] = {}
    failed: dict[Job, Exception] = {}

    def needed(job: Job) -> list[Numbers]:
        return [found[need] for need in job.needs]

    def finish(job: Job, numbers: Numbers) -> None:
        found[job] = numbers
        sorter.done(job)
        after_each(job)

    while sorter.is_active():
        while new := sorter.get_ready():
            for job in new:
                kept = store.load(job, needed(job))
                if kept is None:
                    ready.append(job)
                else:
                    finish(job, kept)
        ready.sort(key=lambda job: -job.cost)
        while ready and not failed and len(running) < workers.at_once():
            job = ready.pop(0)
            try:
                running[workers.submit(job, needed(job))] = job
            except Exception as error:
                failed[job] = error if workers.are_there() else CancelledError()
        done = wait(running, GLANCE, FIRST_COMPLETED).done
        if not done and not workers.are_there():
            failed.update({job: CancelledError() for job in running.values()})
            running.clear()
        for future in done:
            job = running.pop(future)
            try:
                numbers, seconds = future.result()
            except (Exception, CancelledError) as error:
                failed[job] = error
            else:
                store.save(job, needed(job), numbers, seconds)
                finish(job, numbers)
        if failed and not running:
            raise _told(failed)
    return found


def _told(failed: Mapping[Job, Exception]) -> JobError:
    """Return the error that says in one line which jobs failed and why."""
    names = [job.name for job in failed]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    error = next(iter(failed.values()))
    why = str(error).partition("\n")[0] if isinstance(error, JobError) else ""
    if isinstance(error, BrokenExecutor):
        why = "the worker was lost (killed, or out of memory)"
    elif isinstance(error, CancelledError):
        why = "the cluster let go of it (its scheduler, or the workers that hold the data, are gone)"
    why = why or f"{type(error).__name__}: {error}".partition("\n")[0]
    said = JobError(
        f"{'job' if len(names) == 1 else 'jobs'} {', '.join(names[:NAMED])}{more}: {why}; finished jobs are kept, and "
        "the same command goes on"
    )
    said.__cause__ = error
    return said
