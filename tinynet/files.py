"""Files that are written whole or not at all, and read without trusting them."""

from __future__ import annotations

import json
import math
import os
import shutil
import stat
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.lib import format as npy

from tinynet.arguments import shown
from tinynet.signatures import checked
from tinynet.types import Array, Shape

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]

PREFIX = ".tinynet-"  # of the folders that files are made in
ROOM = 1 << 26  # bytes that the arrays of a file may take even if the file itself, being compressed, is smaller
CHUNK = 1 << 20  # bytes that are read at a time
MOST_RATIO = 100  # of what is unpacked to the size of its file, where it is much
MOST = 10_000  # arrays in a file
LONGEST = 1000  # characters of what is said of a file, which may repeat names in it


@checked
def largest(file: Path) -> int:
    """Return how many bytes may be unpacked from a file: no honest one of any size shrinks a hundred times.

    Parameters
    ----------
    file : path
        One that exists.
    """
    return max(ROOM, MOST_RATIO * file.stat().st_size)


@checked
@contextmanager
def workshop(place: str | os.PathLike[str]) -> Iterator[Path]:
    """Give an empty folder to make files in, on the same disk as `place`, and remove it in any case.

    Parameters
    ----------
    place : path
        An existing folder. What a killed program left in such folders there is removed.

    Yields
    ------
    Path

    Raises
    ------
    OSError
        If no files can be made there; one raised in the block that names no file, as of a full disk, names `place`.

    Notes
    -----
    A program holds a lock on its folder, which the system releases when it ends, however it ends. Where there are no
    locks, on Windows and on some disks, what a killed program left stays.
    """
    for left in Path(place).glob(f"{PREFIX}*"):
        with suppress(OSError), _locked(left):
            shutil.rmtree(left)
    try:
        bench = Path(tempfile.mkdtemp(dir=place, prefix=PREFIX))
    except OSError as error:  # which names a folder that nobody has heard of
        raise OSError(error.errno, error.strerror, str(place)) from error
    try:
        with ExitStack() as held:
            with suppress(OSError):
                held.enter_context(_locked(bench))
            yield bench
    except OSError as error:
        if error.errno is None or error.filename is not None:
            raise
        raise OSError(error.errno, error.strerror, str(place)) from error  # of a full disk one wants to know which
    finally:
        shutil.rmtree(bench, ignore_errors=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock on a folder, or raise `OSError` if another program does, or there are no locks."""
    if fcntl is None:
        raise OSError("this system has no locks")
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


@checked
@contextmanager
def written_whole(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary file on the same disk as `path`, and move it into place if nothing went wrong.

    Parameters
    ----------
    path : path
        Where the file is to be in the end. Its folder is made if need be. Of a link, what it points to is written; an
        existing file keeps its permissions.

    Yields
    ------
    Path
        An empty file of the same name, to be written to; it is removed if the block raises.

    Raises
    ------
    OSError
        If the file cannot be written, being write-protected, a folder, a pipe or a device among other reasons.
    """
    target = Path(os.path.realpath(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    mode = _mode(target)
    with workshop(target.parent) as bench:
        temporary = bench / target.name
        temporary.touch(exist_ok=False)
        yield temporary
        if mode is not None:
            temporary.chmod(mode)
        os.replace(temporary, target)


def _mode(target: Path) -> int | None:
    """Return the permissions of an existing file that may be replaced; None if there is none."""
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(f"{target}: is a folder, expected the path of a file")
    if not stat.S_ISREG(mode):
        raise OSError(f"{target}: is a pipe or a device, expected the path of a file")
    if not (mode & 0o222 and os.access(target, os.W_OK)):
        raise PermissionError(f"{target}: is write-protected")
    return stat.S_IMODE(mode)


@checked
def marks(name: str) -> tuple[str, str]:
    """Return the two lines between which a text has something that a program wrote.

    Parameters
    ----------
    name : str
        What it is, such as "claims LO".
    """
    return f"<!-- {name}: begin -->", f"<!-- {name}: end -->"


@checked
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


@checked
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
    try:
        entries = {"description": np.array(json.dumps(description)), **arrays}
    except (TypeError, ValueError) as error:
        raise ValueError(f"description: {error}") from error
    with written_whole(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, array in entries.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as entry:
                npy.write_array(entry, np.asanyarray(array), allow_pickle=False)


@checked
def load_arrays(path: str | os.PathLike[str], kind: str) -> tuple[dict[str, Any], dict[str, Array]]:
    """Read what `save_arrays` wrote.

    Parameters
    ----------
    path, kind
        As in :func:`opened`.

    Returns
    -------
    description : dict
    arrays : dict of str to ndarray

    Raises
    ------
    FileNotFoundError, ValueError
        See :func:`opened`.
    """
    with opened(path, kind) as saved:
        return saved.description, dict(saved)


@checked
@contextmanager
def opened(path: str | os.PathLike[str], kind: str) -> Iterator[SavedArrays]:
    """Open what `save_arrays` wrote: its description, and the shapes of its arrays before any of them is read.

    Parameters
    ----------
    path : path
        Of the file.
    kind : str
        The `format` that its description must name, such as "tinynet network".

    Yields
    ------
    SavedArrays
        Whatever is raised in the block because the description and the arrays do not fit together becomes one
        ValueError that names the file.

    Raises
    ------
    FileNotFoundError
        If there is no such file; folders, pipes and devices are none.
    ValueError
        If the file is truncated, damaged, of another kind, or holds anything but plain arrays, or what is in it does
        not fit together.
    """
    if not Path(path).is_file():
        what = " (it is a folder, a pipe or a device)" if Path(path).exists() else ""
        raise FileNotFoundError(f"{path}: no such file{what}")
    damaged = f"{path}: not a complete {kind} file (damaged, truncated, or of another kind)"
    with ExitStack() as stack:
        try:
            saved = SavedArrays(stack.enter_context(zipfile.ZipFile(path)), max(os.path.getsize(path), ROOM))
            found = saved.description["format"]
        except PermissionError:
            raise
        except Exception as error:  # a damaged file fails in any of the ways of zip, its compressors, npy and JSON
            raise ValueError(damaged) from error
        if found != kind:
            held = shown(found).strip("'")
            raise ValueError(f"{path}: holds a {held}, expected a {kind}")
        try:
            yield saved
        except DamagedError as error:
            raise ValueError(damaged) from error
        except Exception as error:  # a description that was tampered with fails anywhere in what is made of it
            what = kind.removeprefix("tinynet ")
            reason = str(error) if len(str(error)) <= LONGEST else f"{str(error)[: LONGEST - 4]} ..."
            raise ValueError(f"{path}: the {what} in it does not fit together ({reason})") from error


class Header(NamedTuple):
    """What an array is, said in front of its values."""

    shape: Shape
    dtype: np.dtype[Any]
    by_columns: bool
    length: int

    @property
    def bytes(self) -> int:
        """Return how much memory the values take."""
        return math.prod(self.shape) * self.dtype.itemsize


class Arrays(Mapping[str, Array]):
    """The arrays of an archive by their names, each read when it is asked for, in the byte order of this machine.

    Parameters
    ----------
    archive : zipfile.ZipFile
    most : int
        Bytes that the arrays may take together.
    wanted : callable, optional
        From a name to whether it is one of them; by default all are.

    Attributes
    ----------
    headers : dict of str to Header
        The shape and the type of each array, which were compared with what is in the archive.
    """

    def __init__(self, archive: zipfile.ZipFile, most: int, wanted: Callable[[str], bool] = lambda name: True) -> None:
        self._archive = archive
        entries = [entry.filename for entry in archive.infolist() if entry.filename.endswith(".npy")]
        names = [name for name in (entry.removesuffix(".npy") for entry in entries) if wanted(name)]
        if len(set(names)) < len(names) or len(names) > MOST:
            raise DamagedError("a name stands there twice, or there are too many")
        self.headers = {name: self._header(f"{name}.npy") for name in names}
        if sum(header.bytes for header in self.headers.values()) > most:
            raise DamagedError("the arrays are said to be much larger than the file")

    def __iter__(self) -> Iterator[str]:
        return iter(self.headers)

    def __len__(self) -> int:
        return len(self.headers)

    def __getitem__(self, name: str) -> Array:
        header = self.headers[name]
        values = bytearray(header.bytes)
        try:
            with self._archive.open(f"{name}.npy") as entry:
                entry.read(header.length)
                for start in range(0, len(values), CHUNK):
                    some = memoryview(values)[start : start + CHUNK]
                    some[:] = entry.read(len(some))
                entry.read(1)  # behind the end, where the checksum is compared
        except Exception as error:
            raise DamagedError(f"{name} cannot be read") from error
        array: Array = np.ndarray(header.shape, header.dtype, values, order="F" if header.by_columns else "C")
        array = array.astype(header.dtype.newbyteorder("="), copy=False)
        raw = {"b": np.uint8, "U": np.uint32}.get(array.dtype.kind)
        if raw and np.frombuffer(array.tobytes(), raw).max(initial=0) > (1 if raw == np.uint8 else sys.maxunicode):
            raise DamagedError(f"{name} holds bytes that are no {'text' if raw == np.uint32 else 'truth values'}")
        return array

    def _header(self, name: str) -> Header:
        """Return what an entry says of its array, having compared it with the size of the entry."""
        entry = self._archive.getinfo(name)
        with self._archive.open(entry) as stream:
            read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[npy.read_magic(stream)]
            shape, by_columns, dtype = read(stream)
            header = Header(shape, dtype, by_columns, stream.tell())
        if (
            dtype.kind not in "biufcUS"
            or dtype.names
            or not dtype.itemsize
            or dtype.subdtype
            or min(shape, default=0) < 0
        ):
            raise DamagedError(f"{name} holds no plain array")
        if header.length + header.bytes != entry.file_size:
            raise DamagedError(f"{name} is not as long as its array")
        return header


class SavedArrays(Arrays):
    """The arrays that `save_arrays` wrote, and what it wrote of them.

    Attributes
    ----------
    description : dict
    """

    def __init__(self, archive: zipfile.ZipFile, most: int) -> None:
        super().__init__(archive, most)
        self.description: dict[str, Any] = json.loads(str(self["description"][()]))
        del self.headers["description"]


class DamagedError(ValueError):
    """What is in a file is not what its own directory says."""
