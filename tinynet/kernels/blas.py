"""BLAS held to one thread while threads of our own are at work: it would start its own under them, and all would wait.

The limit holds for the whole process and takes some 50 microseconds to set, so it is set once a call of the user's, not
once a step.
"""

from __future__ import annotations

import os
import threading
from typing import Any

from tinynet.kernels import parallel


class _OneThread:
    """Within this, BLAS has one thread; may be entered again, and by several threads at once.

    Attributes
    ----------
    depth : int
        How many are within it. The first sets the limit, and the last gives back what there was before.
    """

    def __init__(self) -> None:
        self._libraries: list[Any] | None = None
        self._before: list[int] = []  # threads of each library, while they are limited
        self.forget()

    def forget(self) -> None:
        """Begin with nobody within."""
        self.depth, self._lock = 0, threading.Lock()

    def after_fork(self) -> None:
        """Give a forked process back what there was before: whoever was within, is in the other one."""
        self.forget()
        self._give_back()

    def __enter__(self) -> None:
        with self._lock:
            if self.depth == 0 and parallel.thread_count() > 1:
                self._before = [library.get_num_threads() for library in self._found()]
                self._set([1] * len(self._before))
            self.depth += 1

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self.depth -= 1
            if self.depth == 0:
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


one_blas_thread = _OneThread()
"""A context: ``with one_blas_thread: ...``."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=one_blas_thread.after_fork)
