"""Files that are written whole or not at all, and read without trusting them."""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


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
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


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
    """
    with written_whole(path) as temporary, temporary.open("wb") as stream:
        np.savez(stream, allow_pickle=False, **{"description": np.array(json.dumps(description)), **arrays})


def load_arrays(path: str | os.PathLike[str], kind: str) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
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
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        description = json.loads(str(arrays.pop("description")[()]))
        found = description["format"]
    except (OSError, EOFError, ValueError, KeyError, TypeError, IndexError, AttributeError, zipfile.BadZipFile,
            zlib.error, NotImplementedError, RuntimeError, MemoryError, OverflowError) as error:
        raise ValueError(f"{path}: not a complete {kind} file (damaged, truncated, or of another kind)") from error
    if found != kind:
        raise ValueError(f"{path}: holds a {found}, expected a {kind}")
    return description, arrays


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
