"""Pictures that took long to read, kept as arrays: a second look at a large folder takes no longer than its bytes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import tinynet
from tinynet import files

FORMAT = "tinynet pictures"
LARGE = 32_000_000  # bytes of picture files: below, reading takes a few seconds, and nothing is kept


def place() -> Path:
    """Return the folder for what is kept: ``TINYNET_CACHE``, or ``tinynet`` in the user's cache folder."""
    caches = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(os.environ.get("TINYNET_CACHE") or os.path.join(caches, "tinynet"))


def kept(sources: Sequence[Path], settings: str, read: Callable[[], NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Return what `read` returns, from the cache if the same files were read with the same settings before.

    Parameters
    ----------
    sources : sequence of path
        The files that are read. One that has another size or time of change is another file.
    settings : str
        What else the pictures depend on, such as their size.
    read : callable
        Reads the files.

    Returns
    -------
    ndarray of shape (len(sources), ...)

    Notes
    -----
    Nothing depends on the cache: a file there that is damaged is written anew, whole or not at all, and where nothing
    can be written the pictures are read each time.
    """
    states = [(str(source.resolve()), source.stat()) for source in sources]
    if sum(state.st_size for _, state in states) < LARGE:
        return read()
    identity = [tinynet.__version__, settings, *((name, state.st_size, state.st_mtime_ns) for name, state in states)]
    path = place() / f"{hashlib.blake2b(repr(identity).encode(), digest_size=12).hexdigest()}.npz"
    with suppress(OSError, ValueError, KeyError):
        found = files.load_arrays(path, FORMAT)[1]["images"]
        if found.dtype == np.uint8 and len(found) == len(sources):
            return found
    images = read()
    with suppress(OSError):
        files.save_arrays(path, {"format": FORMAT}, {"images": images})
    return images
