"""USPS: handwritten digits from envelopes, 16 x 16: 7,291 to train on and 2,007 to test on."""

from __future__ import annotations

import bz2
import math
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinynet.arguments import shown
from tinynet.datasets.dataset import (
    DataError,
    Dataset,
    PathLike,
    check_classes,
    check_file,
    data_errors,
    existing,
)
from tinynet.files import largest

USAGE = "usps:DIR"
DESCRIPTION = "9,298 handwritten digits, 16 x 16, from usps.bz2 and usps.t.bz2 in the folder DIR (unpacked or not)"
LICENCE = "not stated; used in research since 1989"
CITATION = "Hull, A database for handwritten text recognition research, 1994"

FILES = ("usps", "usps.t")
"""What to train on and what to test on, each with the ending ``.bz2`` or without."""

CLASSES = 10
SIDE = 16
BZIP = b"BZh"  # how a file packed by bzip2 begins


def load(folder: PathLike) -> Dataset:
    """Read the training and the test images of a folder, joined; `is_test` marks the latter.

    Parameters
    ----------
    folder : str or path
        Holds ``usps.bz2`` and ``usps.t.bz2``, packed or not, itself or in a folder below.

    Returns
    -------
    Dataset
        Images of shape (N, 1, 16, 16), ink 1 and paper 0; for the whole set N is 9,298.

    Raises
    ------
    DataError
        If a file is missing, damaged, or not what its name says.

    Notes
    -----
    The form of LIBSVM: a line an image, its label, then ``index:value`` for each pixel by rows, from 1; what is left
    out is 0. Labels are the digit and 1, values run from -1 (paper) to 1 (ink).

    References
    ----------
    Hull 1994; Chang and Lin 2011, whose page has the files.
    """
    path = existing(folder, "usps")
    images, labels = zip(*(_read(find(path, name)) for name in FILES), strict=True)
    return check_classes(
        Dataset(
            name="usps",
            x=np.concatenate(images).reshape(-1, 1, SIDE, SIDE),
            labels=np.concatenate(labels),
            classes=tuple(str(digit) for digit in range(CLASSES)),
            is_test=np.repeat([False, True], [len(part) for part in images]),
            licence=LICENCE,
            citation=CITATION,
            description=DESCRIPTION,
        )
    )


def find(folder: Path, name: str) -> Path:
    """Return the file of a name, packed or not, in the folder or in one below.

    Parameters
    ----------
    folder : path
    name : {"usps", "usps.t"}

    Raises
    ------
    DataError
        If there is none.
    """
    places = [folder, *sorted(folder.glob("*/"))]
    for file in (place / f"{name}{ending}" for place in places for ending in (".bz2", "")):
        if os.path.lexists(file) and not file.is_dir():
            check_file(file)
            return file
    raise DataError(f"usps: {str(folder)!r} has no file {name}.bz2 or {name}")


def _read(file: Path) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the pixels of a file's images, a row each, and their labels."""
    with data_errors("usps", file):
        lines = [line for line in _content(file).splitlines() if line.strip()]
        if not lines:
            raise DataError("holds no image")
        pixels, labels = np.zeros((len(lines), SIDE * SIDE)), np.zeros(len(lines), np.int64)
        for image, line in enumerate(lines):
            try:
                labels[image], found = _parsed(line)
                pixels[image, list(found)] = list(found.values())
            except ValueError as error:
                raise DataError(f"image {image}: {error}") from error
    return ((pixels + 1) / 2).astype(np.float32), labels


def _parsed(line: bytes) -> tuple[int, dict[int, float]]:
    """Return the digit of a line, and its pixels by their place."""
    label, *pairs = line.split()
    digit, found = _number(label) - 1, dict[int, float]()
    if digit not in range(CLASSES):
        raise ValueError(f"its label is {_said(label)}, expected 1 to {CLASSES}")
    for pair in pairs:
        index, _, text = pair.partition(b":")
        place, value = _number(index) - 1, _number(text)
        if place not in range(SIDE * SIDE) or place in found or not -1 <= value <= 1:
            raise ValueError(
                f"{_said(pair)}, expected index:value, an index from 1 to {SIDE * SIDE}, each once, and a value from "
                "-1 to 1"
            )
        found[int(place)] = value
    return int(digit), found


def _number(text: bytes) -> float:
    """Return a number, NaN if it is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _said(text: bytes) -> str:
    return shown(text[:40].decode("latin-1"))


def _content(file: Path) -> bytes:
    """Return what is in a file, unpacked if need be."""
    most = largest(file)
    with file.open("rb") as stream:
        with bz2.open(stream) if stream.peek(3)[:3] == BZIP else stream as unpacked:
            content = unpacked.read(most + 1)
    if len(content) > most:
        raise DataError(f"unpacks to more than {most:,} bytes, which no file of digits does")
    return content
