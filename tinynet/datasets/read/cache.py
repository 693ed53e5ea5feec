"""Pictures that took long to read, kept as arrays: a second look at a large folder takes no longer than its bytes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

import tinynet
from tinynet import files
from tinynet.datasets.dataset import grey_levels
from tinynet.types import Shape

LARGE = 8_000_000  # bytes of picture files: below, reading takes a few seconds, and nothing is kept
MAPPED = 1 << 28  # bytes of an array from which it stays on disk, mapped into memory


def place() -> Path:
    """Return the folder for what is kept: ``TINYNET_CACHE``, or ``tinynet`` in the user's cache folder."""
    caches = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(os.environ.get("TINYNET_CACHE") or os.path.join(caches, "tinynet"))


def kept(
    sources: Sequence[Path],
    settings: Mapping[str, Any],
    shape: Shape,
    read: Callable[[], Iterable[NDArray[np.uint8]]],
) -> NDArray[np.float32]:
    """Return pictures, from the cache if the same files were read with the same settings before.

    Parameters
    ----------
    sources : sequence of path
        The files that are read. One that has another size or time of change is another file.
    settings : mapping
        What else the pictures depend on, in types that JSON holds.
    shape : tuple of int
        Of a picture.
    read : callable
        Reads the files and gives one picture after the other, in bytes.

    Returns
    -------
    ndarray of shape (len(sources), *shape)
        0 to 1 in steps of 1/255. One of more than `MAPPED` bytes is a read-only map of the file in the cache, which
        takes no memory until it is looked at.

    Notes
    -----
    A ``.json`` note beside each array says what it was made from. The array is moved into place whole, and the note
    after it, so that one without the other, which a killed program left, is as good as none. Nothing depends on the
    cache: what is damaged is written anew, and where nothing can be written the pictures are read each time.
    """
    whole = (len(sources), *shape)
    states = [(str(source.resolve()), source.stat()) for source in sources]
    if sum(state.st_size for _, state in states) < LARGE:
        return _read(whole, read())
    made_from = {
        "tinynet": tinynet.__version__,
        "files": f"{len(states)}, the first of them {states[0][0]}",
        "their names, sizes and times of change": _digest(
            repr([(name, state.st_size, state.st_mtime_ns) for name, state in states])
        ),
        "shape": whole,
        **settings,
    }
    note = json.dumps(made_from, indent=1)
    path = place() / f"{_digest(note)}.npy"
    with suppress(OSError, ValueError, EOFError):
        found = _opened(path)
        if path.with_suffix(".json").read_text(encoding="utf-8") == note and found.shape == whole:
            return found
    with suppress(OSError):
        with files.written_whole(path) as temporary, temporary.open("wb") as stream:
            header = {"descr": np.dtype(np.float32).str, "fortran_order": False, "shape": whole}
            npy.write_array_header_1_0(stream, header)
            for picture in read():
                stream.write(grey_levels(picture).tobytes())
        with files.written_whole(path.with_suffix(".json")) as temporary:
            temporary.write_text(note, encoding="utf-8")
        return _opened(path)
    return _read(whole, read())


def _read(whole: Shape, pictures: Iterable[NDArray[np.uint8]]) -> NDArray[np.float32]:
    values = np.empty(whole, np.float32)
    for value, picture in zip(values, pictures, strict=True):
        value[...] = grey_levels(picture)
    return values


def _opened(path: Path) -> NDArray[np.float32]:
    is_large = path.stat().st_size > MAPPED
    values = np.load(path, mmap_mode="r" if is_large else None, allow_pickle=False)
    if values.dtype != np.float32:
        raise ValueError(f"{path} holds {values.dtype}, expected float32")
    return values


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
