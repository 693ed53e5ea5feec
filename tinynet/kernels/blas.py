"""BLAS held to one thread while threads of our own are at work: it would start its own under them, and all would wait.

The limit holds for the whole process and takes some 50 microseconds to set, so it is set once a call of the user's, not
once a step.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tinynet.kernels import parallel


@contextmanager
def one_blas_thread(*, always: bool = False) -> Iterator[None]:
    """Hold BLAS to one thread; within each other, and in several threads at once, the last to end gives back the rest.

    Parameters
    ----------
    always : bool
        Also where we have no threads of our own: how BLAS adds up, and so the last bits, depends on its number.

    Notes
    -----
    Whoever holds the limit is known by an object that lives no longer than the call. So a call that Ctrl-C ends at any
    moment, even on its way out, holds up nobody: the next one finds nobody there.
    """
    holder = _Holder()
    try:
        if always or parallel.thread_count() > 1:
            _limit.take(holder)
        yield
    finally:
        _limit.leave(holder)


class _Holder:
    """Somebody who needs the limit."""


class _Limit:
    """The limit, and who needs it."""

    def __init__(self) -> None:
        self._libraries: list[Any] | None = None
        self._before: list[int] = []  # threads of each library, while they are limited
        self.forget()

    def forget(self) -> None:
        """Begin with nobody who needs it."""
        self.holders: weakref.WeakSet[_Holder] = weakref.WeakSet()
        self._lock = threading.Lock()

    def take(self, holder: _Holder) -> None:
        """Set the limit, unless it is set."""
        with self._lock:
            is_first = not self.holders
            self.holders.add(holder)
            if is_first:
                # What there was before is known still if somebody was interrupted while giving it back.
                self._before = self._before or [library.get_num_threads() for library in self._found()]
                self._set([1] * len(self._before))

    def leave(self, holder: _Holder) -> None:
        """Give back what there was before, unless somebody else needs the limit."""
        with self._lock:
            self.holders.discard(holder)
            if not self.holders:
                self._give_back()

    def after_fork(self) -> None:
        """Give a forked process back what there was before: whoever needed the limit, is in the other one."""
        self.forget()
        self._give_back()

    def _give_back(self) -> None:
        if self._before:
            self._set(self._before)
            self._before = []

    def _set(self, numbers: list[int]) -> None:
        for library, number in zip(self._found(), numbers, strict=True):
            # Later releases of threadpoolctl listen to the thread alone that set a limit first. The first of ours to
            # come and the last to go may be two.
            free = getattr(library, "clear_controlling_thread", lambda force: None)
            free(force=True)
            library.set_num_threads(number)
            free(force=True)

    def _found(self) -> list[Any]:
        """Return the BLAS libraries with one number of threads for the process; looking for them takes milliseconds."""
        if self._libraries is None:
            from threadpoolctl import ThreadpoolController

            every = ThreadpoolController().select(user_api="blas").lib_controllers
            self._libraries = [library for library in every if getattr(library, "threading_layer", "") != "openmp"]
        return self._libraries


_limit = _Limit()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_limit.after_fork)
