"""The folder of a report: checked before the work starts, filled at the end, and never left half-written."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tinynet import files
from tinynet.signatures import checked

SUMMARY = "summary.json"
FORMAT = "tinynet report"


@checked
def prepare_folder(out: str | os.PathLike[str]) -> Path:
    """Check that a report can be written to a folder, and leave everything as it is.

    Parameters
    ----------
    out : path
        The folder, which need not exist yet.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    OSError
        If it cannot be made or written to.
    ValueError
        If it holds files that are no report: nothing of anyone else's is ever replaced.
    """
    folder = Path(out)
    _check_owner(folder)
    place = _existing(folder)
    try:
        with files.workshop(place):
            pass
    except OSError as error:
        raise OSError(f"{folder}: cannot write there ({error.strerror or error})") from error
    return folder


@contextmanager
def workshop(out: str | os.PathLike[str]) -> Iterator[Path]:
    """Give an empty folder to build a report in, and move what is in it to `out` if nothing went wrong.

    Parameters
    ----------
    out : path
        Where the report is to be in the end. An earlier report there is replaced, file by file; files that do not
        belong to it stay.

    Yields
    ------
    Path
        A folder on the same disk; it is removed in any case.

    Notes
    -----
    Moving is one step for the file system: a new folder appears as a whole, and of a file in an earlier report a reader
    finds either the old one or the new one. The summary goes last; it says which files belong to the report.
    """
    folder = prepare_folder(out)
    with files.workshop(_existing(folder)) as place:
        bench = place / "report"
        bench.mkdir()
        yield bench
        if folder.exists():
            _replace_files(bench, folder)
        else:
            folder.parent.mkdir(parents=True, exist_ok=True)
            os.replace(bench, folder)


def write_text(path: Path, text: str) -> None:
    """Write a text file in UTF-8; letters that it cannot hold, as odd file names may have, become question marks."""
    with files.written_whole(path) as temporary:
        temporary.write_bytes(text.encode("utf-8", errors="replace"))


def _replace_files(bench: Path, folder: Path) -> None:
    made = [path.relative_to(bench).as_posix() for path in bench.rglob("*") if path.is_file()]
    stale = set(_report_files(folder)) - set(made)
    for name in sorted(made, key=lambda name: name == SUMMARY):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(bench / name, target)
    for name in stale:
        (folder / name).unlink(missing_ok=True)


def _check_owner(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder}: is a file, expected a folder for the report")
    visible = folder.is_dir() and any(not path.name.startswith(".") for path in folder.iterdir())
    if visible and not _report_files(folder):
        raise ValueError(f"{folder}: holds files that are no report of tinynet; choose a new or an empty folder")


def _existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that exists."""
    place = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not place.is_dir():
        raise OSError(f"{folder}: cannot be made, because {place} is a file")
    return place


def _report_files(folder: Path) -> list[str]:
    """Return the files of the report that a folder holds; none if it holds no report."""
    try:
        summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
        listed = summary["files"] if summary["format"] == FORMAT else []
        return [name for name in listed if (folder / name).resolve().is_relative_to(folder.resolve())]
    except (OSError, ValueError, KeyError, TypeError):
        return []
