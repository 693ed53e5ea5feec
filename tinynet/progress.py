"""Progress bars: how far a loop is, in plain text."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable
from typing import Any


def progress_bar(over: Iterable[Any] | None = None, *, show: bool = True, **settings: Any) -> Any:
    """Return a progress bar; it is silent where there is no terminal, such as in a notebook or a log.

    Parameters
    ----------
    over : iterable, optional
        What is gone through; left alone, the bar is moved on by its `update`.
    show : bool
        Whether the bar is to be seen.
    **settings
        Those of ``tqdm.tqdm``: `total`, `desc`, `unit`, ...
    """
    from tqdm import tqdm

    is_seen = show and sys.stderr is not None  # which is None where it was closed by whoever started the program
    return tqdm(over, disable=None if is_seen else True, **settings)


def share_no_progress() -> None:
    """Let this process draw its bars alone: to share, it would take semaphores that outlive it if it is stopped."""
    from tqdm import tqdm

    tqdm.set_lock(threading.RLock())
