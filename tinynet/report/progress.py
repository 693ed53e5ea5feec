"""How far a report is, on a bar, and how long its stages take."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from tinynet.progress import progress_bar


class Progress:
    """A progress bar that also notes how long each stage takes.

    Parameters
    ----------
    total : int
        Number of steps.
    show : bool
        Whether the bar is to be seen.
    """

    def __init__(self, total: int, *, show: bool) -> None:
        self.bar = progress_bar(show=show, total=total, desc="explaining", unit="step")
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Name what goes on, and time it."""
        start = time.perf_counter()
        self.bar.set_description(name)
        yield
        self.seconds[name] = round(time.perf_counter() - start, 3)

    def step(self) -> None:
        """Move on by one step."""
        self.bar.update()
