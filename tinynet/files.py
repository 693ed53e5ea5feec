"""Files that are written whole or not at all, and read without trusting them."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.lib import format as npy

from tinynet.types import Array


@contextmanager
def written_whole(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary file beside `path`, and move it into place if nothing went wrong.

    Parameters
    ----------
    path : path
        Where the file is to be in the end. Its folder is made if need be.

    Yields
    ------
    Path
        An empty file in the same folder, to be written to; it is removed if the block raises.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{uuid4().hex}.part")
    temporary.touch(exist_ok=False)
    try:
        yield temporary
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def marks(name: str) -> tuple[str, str]:
    """Return the two lines between which a text has something that a program wrote.

    Parameters
    ----------
    name : str
        What it is, such as "claims LO".
    """
    return f"<!-- {name}: begin -->", f"<!-- {name}: end -->"


def fill(path: str | os.PathLike[str], name: str, text: str) -> None:
    """Put a text between its marks, in place of what is there.

    Parameters
    ----------
    path : path
        A text file with the two marks, each on a line of its own.
    name, text : str

    Raises
    ------
    ValueError
        If the marks are not there, once each and in order.
    """
    begins, ends = marks(name)
    whole = Path(path).read_text(encoding="utf-8")
    before, begin, rest = whole.partition(begins)
    _, end, after = rest.partition(ends)
    if not (begin and end) or whole.count(begins) != 1 or whole.count(ends) != 1:
        raise ValueError(f"{path}: expected one line {begins} and, below it, one line {ends}")
    with written_whole(path) as temporary:
        temporary.write_text(f"{before}{begins}\n{text}\n{ends}{after}", encoding="utf-8")


def save_arrays(path: str | os.PathLike[str], description: Mapping[str, Any], arrays: Mapping[str, Any]) -> None:
    """Write arrays and a description of them to one `.npz` file.

    Parameters
    ----------
    path : path
        Of the file; exactly this name, nothing is appended.
    description : mapping
        What JSON can hold.
    arrays : mapping of str to ndarray
        Under their names; a name may hold slashes.

    Notes
    -----
    The same arrays give the same bytes: entries carry no time of day.
    """
    entries = {"description": np.array(json.dumps(description)), **arrays}
    with written_whole(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, array in entries.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as entry:
                npy.write_array(entry, np.asanyarray(array), allow_pickle=False)


def load_arrays(path: str | os.PathLike[str], kind: str) -> tuple[dict[str, Any], dict[str, Array]]:
    """Read what `save_arrays` wrote.

    Parameters
    ----------
    path : path
        Of the file.
    kind : str
        The `format` that its description must name, such as "tinynet network".

    Returns
    -------
    description : dict
    arrays : dict of str to ndarray

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is truncated, damaged, of another kind, or holds anything but plain arrays.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"{path}: no such file")
    try:
        with zipfile.ZipFile(path) as archive:
            arrays = {name.removesuffix(".npy"): _read_entry(archive, name) for name in archive.namelist()}
        description = json.loads(str(arrays.pop("description")[()]))
        found = description["format"]
    except PermissionError:
        raise
    except Exception as error:  # a damaged file fails in any of the ways of zip, its compressors, npy and JSON
        raise ValueError(f"{path}: not a complete {kind} file (damaged, truncated, or of another kind)") from error
    if found != kind:
        raise ValueError(f"{path}: holds a {found}, expected a {kind}")
    return description, arrays


def _read_entry(archive: zipfile.ZipFile, name: str) -> Array:
    """Return an array, having read its entry to the end, which is where the checksum is compared."""
    with archive.open(name) as entry:
        array: Array = npy.read_array(entry, allow_pickle=False)
        if entry.read(1):
            raise ValueError(f"{name} holds more than its array")
    return array
