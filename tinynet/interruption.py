"""Ctrl-C while the command line is still being imported: one line, as later on."""

from __future__ import annotations

import os
import sys
from types import TracebackType

PROGRAMS = ("-m", "tinynet")  # what `sys.argv` begins with while `python -m tinynet` or `tinynet` imports the package


def _told(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        print("\ntinynet: interrupted", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)


if os.path.basename(next(iter(sys.argv), "")) in PROGRAMS:
    sys.excepthook = _told
