"""What ends the program before its time: Ctrl-C, the system, a file in the way. One line, nothing left behind."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType

PROGRAMS = ("-m", "tinynet")  # what `sys.argv` begins with while `python -m tinynet` or `tinynet` imports the package
NEEDED = ("numpy", "scipy", "matplotlib", "PIL", "tqdm", "threadpoolctl")


class Terminated(KeyboardInterrupt):
    """The system asks the program to end, as ``kill`` and ``timeout`` do."""


@contextmanager
def terminable() -> Iterator[None]:
    """Raise `Terminated` where the signal to end would stop the program at once, so that it cleans up behind itself."""
    heard = threading.current_thread() is threading.main_thread()
    if not heard or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, _raise)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextmanager
def held_back() -> Iterator[None]:
    """Do what must not be left half done: signals to end wait until the block is through, then the last is obeyed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    taken = {number: handler for number, handler in before.items() if callable(handler)}
    try:
        for number in taken:
            signal.signal(number, lambda number, frame: arrived.append(number))
        yield
    finally:
        for number, handler in taken.items():
            signal.signal(number, handler)
        for last in arrived[-1:]:
            signal.raise_signal(last)


def _raise(number: int, frame: FrameType | None) -> None:
    raise Terminated


def _told(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        print("\ntinynet: interrupted", file=sys.stderr)
    elif file := _in_the_way():
        print(f"tinynet: error: {file} is imported in place of the module of that name: rename it", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)


def _in_the_way() -> str | None:
    """Return a file, beside which the program was started, that hides a module that is needed."""
    files = (getattr(sys.modules.get(name), "__file__", None) for name in (*NEEDED, *sys.stdlib_module_names))
    places = (file.removesuffix(f"{os.sep}__init__.py") for file in files if file)
    return next((place for place in places if os.path.dirname(place) == sys.path[0]), None)


if os.path.basename(next(iter(sys.argv), "")) in PROGRAMS:
    sys.excepthook = _told
