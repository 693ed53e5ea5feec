"""How two programs are compared: the same results first, then runs in turn, then the median of the ratios."""

from __future__ import annotations

import contextlib
import gc
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

Arrays = Mapping[str, np.ndarray]
EXACT = 1e-6  # of a norm, in float64
LEAST_SECONDS = 0.1  # a shorter program is run several times in a row, and once before: waking threads takes a while
PAUSE_SECONDS = 0.02  # lets the threads of the program before go to sleep; they wait for more work for a while
PROCESS = Path("/proc/self")  # on Linux


class ResultsDifferError(AssertionError):
    """Two programs that are said to do the same do not."""


def nothing() -> None:
    """Prepare nothing."""


@dataclass(frozen=True)
class Contestant:
    """One side's program for a work item.

    Attributes
    ----------
    run : callable
        What is timed.
    read : callable, optional
        Turns what `run` returned into named arrays; None for a program that does something else on purpose, such as
        the training epoch that the gradients of the whole set are compared with.
    prepare : callable
        What has to be set back before each run, such as the weights; not timed.
    """

    run: Callable[[], Any]
    read: Callable[[Any], Arrays] | None
    prepare: Callable[[], None] = nothing


Make = Callable[[DTypeLike], Contestant]


class Spread(NamedTuple):
    """The middle of some ratios, and the quartiles on either side."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        """Return the median and the quartiles, as tables show them."""
        return f"{self.median:.2f} [{self.low:.2f} {self.high:.2f}]"


def spread(values: Sequence[float]) -> Spread:
    """Return the median and the quartiles."""
    low, median, high = np.percentile(values, [25, 50, 75])
    return Spread(float(median), float(low), float(high))


# ----------------------------------------------------------------------------------------------------------- results


def difference(got: np.ndarray, wanted: np.ndarray) -> float:
    """Return |got - wanted| / |wanted|; infinite where only one of them is zero or one is not finite."""
    a, b = got.astype(np.float64), wanted.astype(np.float64)
    distance, size = np.linalg.norm(a - b), np.linalg.norm(b)
    if distance == 0:
        return 0.0
    return float(distance / size) if size and np.isfinite(distance) else float("inf")


def largest_difference(ours: Contestant, peer: Contestant) -> float:
    """Run both programs once and return how far our results are from the peer's, as a share of their norm.

    Raises `ResultsDifferError` unless each array that the peer computes is one of ours, of its shape and type.
    """
    if peer.read is None or ours.read is None:
        return 0.0
    got, wanted = _results(ours), _results(peer)
    if not wanted:
        raise ResultsDifferError("there is no result to compare")
    for name, array in wanted.items():
        if name not in got:
            raise ResultsDifferError(f"{name}: only the peer computes it")
        if (got[name].shape, got[name].dtype) != (array.shape, array.dtype):
            ours_is, peers_is = (f"{a.dtype} of shape {a.shape}" for a in (got[name], array))
            raise ResultsDifferError(f"{name}: ours is {ours_is}, the peer's {peers_is}")
    return max(difference(got[name], array) for name, array in wanted.items())


def check_same_results(ours: Make, peer: Make, tolerance: float) -> dict[str, float]:
    """Raise unless two programs agree to rounding in float64, and to a tolerance in float32; return how closely."""
    found = {}
    for dtype, allowed in ((np.float64, EXACT), (np.float32, tolerance)):
        name = np.dtype(dtype).name
        found[name] = largest_difference(ours(dtype), peer(dtype))
        if found[name] > allowed:
            raise ResultsDifferError(f"results in {name} differ by {found[name]:.1e} of their norm, not {allowed:.0e}")
    return found


def _results(contestant: Contestant) -> Arrays:
    assert contestant.read is not None
    contestant.prepare()
    return contestant.read(contestant.run())


# -------------------------------------------------------------------------------------------------------------- time


@dataclass(frozen=True)
class Comparison:
    """Seconds that a run took, ours and the peer's, pair by pair."""

    ours: tuple[float, ...]
    peers: tuple[float, ...]

    @property
    def ratio(self) -> Spread:
        """Ours over the peer's: below 1, ours is faster."""
        return spread([a / b for a, b in zip(self.ours, self.peers, strict=True)])


def compare(ours: Contestant, peer: Contestant, pairs: int, warm_up: int = 2) -> Comparison:
    """Time two programs in turn, each pair in the other order than the pair before."""
    sides = (ours, peer)
    repeats = [_repeats(side, warm_up) for side in sides]
    seconds: tuple[list[float], list[float]] = ([], [])
    for pair in range(pairs):
        for side in (0, 1) if pair % 2 == 0 else (1, 0):
            seconds[side].append(_seconds_a_run(sides[side], repeats[side]))
    return Comparison(tuple(seconds[0]), tuple(seconds[1]))


def _repeats(contestant: Contestant, warm_up: int) -> int:
    seconds = min(_timed(contestant) for _ in range(max(warm_up, 1)))
    return max(1, round(LEAST_SECONDS / max(seconds, 1e-6)))


def _seconds_a_run(contestant: Contestant, repeats: int) -> float:
    """Return the mean over some runs, after one more that wakes threads and caches if the runs are short."""
    gc.collect()
    time.sleep(PAUSE_SECONDS)
    if repeats > 1:
        _timed(contestant)
    gc.disable()
    try:
        return sum(_timed(contestant) for _ in range(repeats)) / repeats
    finally:
        gc.enable()


def _timed(contestant: Contestant) -> float:
    contestant.prepare()
    start = time.perf_counter()
    result = contestant.run()
    seconds = time.perf_counter() - start
    del result
    return seconds


# ------------------------------------------------------------------------------------------------------------ memory


def peak_memory(contestant: Contestant) -> int | None:
    """Return how many bytes of memory a process' first run needs beyond its inputs, weights and libraries.

    The difference between the peak of the resident set and its size before; what libraries set up when they are first
    used is in it. Where the peak cannot be set back (elsewhere than on Linux) it is the growth of the peak, which
    misses what the preparation had used already. None where the system does not say.
    """
    contestant.prepare()
    gc.collect()
    before = _peak_so_far(reset=True)
    result = contestant.run()
    peak = _peak_so_far()
    del result
    return None if before is None or peak is None else max(peak - before, 0)


def _peak_so_far(reset: bool = False) -> int | None:
    """Return the peak of the resident set in bytes; where it can be set back to the present size, do so first."""
    if PROCESS.is_dir():
        if reset:
            with contextlib.suppress(OSError):
                (PROCESS / "clear_refs").write_text("5")
        status = (PROCESS / "status").read_text(encoding="ascii", errors="replace")
        return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:")), None)
    try:
        import resource
    except ImportError:
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
