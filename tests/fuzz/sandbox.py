"""Attempts in a process of their own, so that what one costs in time and memory is seen, and none takes us with it."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

MEMORY = 1 << 30  # more than this is too much for one attempt
SECONDS = 10.0  # of work
PATIENCE = 20  # times as long by the clock: this process may be one of many, and an attempt may hang
ROOM = 3 * MEMORY  # beyond what the process has; what asks for more gets a MemoryError
STATUS = Path("/proc/self/status")

Verdict = tuple[str, str]  # one word, and what there is to say


def attempts(attempt: Callable[[int], Verdict], keys: Sequence[int], seconds: float = SECONDS) -> Iterator[Verdict]:
    """Try each key in a worker process, and yield what `attempt` says of it, in order.

    An attempt that works longer than `seconds` or hangs, takes more than `MEMORY`, or ends the process, has the verdict
    "slow", "large" or "crashed"; the worker is replaced, and the next key tried.
    """
    keys = list(keys)
    context = multiprocessing.get_context("fork")
    done = 0
    while done < len(keys):
        ours, theirs = context.Pipe(duplex=False)
        worker = context.Process(target=_work, args=(attempt, keys[done:], theirs), daemon=True)
        worker.start()
        theirs.close()
        try:
            while done < len(keys):
                verdict = _next(ours, worker.pid, seconds)
                yield verdict
                done += 1
                if verdict[0] in ("slow", "crashed"):
                    break
        finally:
            worker.kill()
            worker.join()
            ours.close()


def _next(worker: multiprocessing.connection.Connection, pid: int | None, seconds: float) -> Verdict:
    begun, worked = time.monotonic(), _worked(pid)
    try:
        while not worker.poll(min(seconds, 1)):
            if _worked(pid) - worked > seconds or time.monotonic() - begun > PATIENCE * seconds:
                return "slow", f"took longer than {seconds:g} s"
        return worker.recv()
    except EOFError:
        return "crashed", "ended the process"


def _worked(pid: int | None) -> float:
    """Return how many seconds a process has had of a processor; by the clock where that is not told."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return time.monotonic()
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _work(
    attempt: Callable[[int], Verdict], keys: Sequence[int], parent: multiprocessing.connection.Connection
) -> None:
    with open(os.devnull, "w") as silence:
        os.dup2(silence.fileno(), sys.stdout.fileno())
        os.dup2(silence.fileno(), sys.stderr.fileno())
    if STATUS.exists():
        resource.setrlimit(resource.RLIMIT_AS, (_size("VmSize") + ROOM,) * 2)
    for key in keys:
        before = _start_measuring()
        verdict = attempt(key)
        taken = max(now - then for now, then in zip(_peaks(), before, strict=True))
        if taken > MEMORY:
            verdict = "large", f"took {taken / MEMORY:.1f} GiB; {verdict[0]}: {verdict[1]}"
        parent.send(verdict)


def _start_measuring() -> tuple[int, int]:
    """Forget the highest memory so far; return the current one and the highest address space, which stays."""
    if not STATUS.exists():
        return 0, 0
    Path("/proc/self/clear_refs").write_text("5")
    return _size("VmRSS"), _size("VmPeak")


def _peaks() -> tuple[int, int]:
    return (_size("VmHWM"), _size("VmPeak")) if STATUS.exists() else (0, 0)


def _size(what: str) -> int:
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(what))
    return 1024 * int(line.split()[1])


class Clock:
    """Says when the seconds of a run are over."""

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds

    @property
    def over(self) -> bool:
        return time.monotonic() >= self.end
