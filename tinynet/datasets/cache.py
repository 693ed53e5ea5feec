"""Images that took minutes to read are kept on disk, beside a note of what they were made from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinynet import files
from tinynet.datasets.dataset import DataError, PathLike, filled_in
from tinynet.types import Shape

PLACE = "~/.cache/tinynet"
LARGE = 1 << 28  # bytes from which an array stays on disk, mapped into memory


def cached(
    place: PathLike | None,
    name: str,
    made_from: Mapping[str, Any],
    shape: Shape,
    fill: Callable[[NDArray[np.float32]], None],
) -> NDArray[np.float32]:
    """Return an array from the cache, which is made the first time.

    Parameters
    ----------
    place : path, optional
        The folder of the cache, made if need be. None: nothing is kept.
    name : str
        What the file's name begins with.
    made_from : mapping
        All that the values follow from, in types that JSON holds. It stands beside the array in a ``.json`` file;
        where it differs, the array is made anew, under another name.
    shape : tuple of int
        Of the array.
    fill : callable
        Writes the values into the array that it is given; called only if they are not there yet.

    Returns
    -------
    ndarray of float32
        Read-only; one of more than `LARGE` bytes is a map of the file, which takes no memory until it is read.

    Raises
    ------
    DataError
        If the cache cannot be written.

    Notes
    -----
    The array is moved into place whole, and the note after it: one without the other, left by a program that was
    killed in between, is as good as none.
    """
    if place is None:
        values = np.empty(shape, np.float32)
        fill(values)
        values.flags.writeable = False
        return values
    note = json.dumps({**made_from, "shape": shape, "dtype": "float32"}, indent=1, sort_keys=True)
    digest = hashlib.blake2b(note.encode(), digest_size=8).hexdigest()
    file = filled_in(files.as_path(place, "cache")) / f"{name}-{digest}.npy"
    try:
        found = _kept(file, note, shape)
        if found is not None:
            return found
        with files.written_whole(file) as temporary:
            mapped = np.lib.format.open_memmap(temporary, "w+", np.float32, tuple(shape))
            fill(mapped)
            mapped.flush()
            del mapped
        with files.written_whole(file.with_suffix(".json")) as temporary:
            temporary.write_text(note, encoding="utf-8")
        return _opened(file)
    except OSError as error:
        raise DataError(
            f"{name}: the cache {str(file.parent)!r} cannot be used ({error.strerror or error}): give another folder, "
            "cache=DIR, or none, cache=None"
        ) from error


def _kept(file: Path, note: str, shape: Shape) -> NDArray[np.float32] | None:
    """Return the array of a note, if both are there, whole, and fit each other."""
    try:
        if file.with_suffix(".json").read_text(encoding="utf-8") != note:
            return None
        values = _opened(file)
    except (FileNotFoundError, ValueError, EOFError):
        return None
    return values if values.shape == tuple(shape) and values.dtype == np.float32 else None


def _opened(file: Path) -> NDArray[np.float32]:
    is_large = file.stat().st_size > LARGE
    values: NDArray[np.float32] = np.load(file, mmap_mode="r" if is_large else None, allow_pickle=False)
    values.flags.writeable = False
    return values
