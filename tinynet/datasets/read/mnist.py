"""MNIST, and every data set in its four IDX files: handwritten digits, 60,000 to train on and 10,000 to test on."""

from __future__ import annotations

import gzip
import math
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinynet.datasets.dataset import (
    DataError,
    Dataset,
    PathLike,
    check_classes,
    check_file,
    data_errors,
    existing,
    grey_levels,
)
from tinynet.files import largest

USAGE = "mnist:DIR"
DESCRIPTION = "70,000 handwritten digits, 28 x 28, from the four IDX files in the folder DIR (gzipped or not)"
LICENCE = "CC BY-SA 3.0"
CITATION = "LeCun, Cortes, Burges, The MNIST database of handwritten digits"

CLASSES = 10
GZIP = b"\x1f\x8b"  # how a gzipped file begins
BYTES = 8
"""The code that an IDX file has for unsigned bytes."""


def load(folder: PathLike) -> Dataset:
    """Read the training and the test images of a folder, joined; `is_test` marks the latter.

    Parameters
    ----------
    folder : str or path
        Holds the four files under their original names, such as ``train-images-idx3-ubyte.gz`` or
        ``train-images.idx3-ubyte``, itself or in folders below, such as ``MNIST/raw``.

    Returns
    -------
    Dataset
        Images of shape (N, 1, H, W); for MNIST N is 70,000, and H and W are 28.

    Raises
    ------
    DataError
        If a file is missing, truncated, not what its name says, or does not fit the others.
    """
    path = existing(folder, "mnist")
    images, labels = zip(*(_read_part(path, part) for part in ("train", "t10k")), strict=True)
    if images[0].shape[1:] != images[1].shape[1:]:
        raise DataError(
            f"mnist: the images to train on are {_by(images[0])}, those to test on {_by(images[1])}, expected one size"
        )
    with data_errors("mnist", path):
        return check_classes(
            Dataset(
                name="mnist",
                x=grey_levels(np.concatenate(images))[:, None],
                labels=np.concatenate(labels).astype(np.int64),
                classes=tuple(str(digit) for digit in range(CLASSES)),
                is_test=np.repeat([False, True], [len(part) for part in images]),
                licence=LICENCE,
                citation=CITATION,
                description=DESCRIPTION,
            )
        )


def _read_part(folder: Path, part: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    image_file = find(folder, f"{part}-images", 3)
    label_file = find(folder, f"{part}-labels", 1)
    (images, *_), (labels,) = idx_shape(image_file, axes=3), idx_shape(label_file, axes=1)
    if images != labels:
        raise DataError(f"mnist: {image_file.name} holds {images} images, but {label_file.name} {labels} labels")
    numbers = read_idx(label_file, axes=1)
    for image in np.flatnonzero(numbers >= CLASSES)[:1]:
        raise DataError(
            f"mnist: {str(label_file)!r}: image {image} has the label {numbers[image]}, expected 0 to {CLASSES - 1}"
        )
    return read_idx(image_file, axes=3), numbers


def find(folder: Path, name: str, axes: int) -> Path:
    """Return the file of a name, in the folder or in the one or two below that archives unpack to."""
    original = f"{name}-idx{axes}-ubyte"
    names = [f"{form}{ending}" for ending in ("", ".gz") for form in (original, f"{name}.idx{axes}-ubyte")]
    for depth in ("", "*/", "*/*/"):
        places = sorted(folder.glob(depth)) if depth else [folder]
        candidates = [place / name for name in names for place in places]
        found = [file for file in candidates if os.path.lexists(file) and not file.is_dir()]
        if found:
            check_file(found[0])
            others = {file.parent for file in found} - {found[0].parent}
            if others:
                raise DataError(f"mnist: {original} is in both {str(found[0].parent)!r} and {str(others.pop())!r}")
            return found[0]
    raise DataError(f"mnist: {str(folder)!r} has no file {original} or {original}.gz")


def idx_shape(file: Path, axes: int) -> tuple[int, ...]:
    """Return the shape that an IDX file of unsigned bytes says in its first bytes.

    Parameters
    ----------
    file : path
        The file, gzipped or not.
    axes : int
        How many axes its array must have.

    Raises
    ------
    DataError
        If the file is damaged, or holds something else.

    Notes
    -----
    An IDX file is two zero bytes, the code of the number type, the number of axes, the length of each axis as a
    big-endian 32-bit integer, and the numbers, last axis fastest.
    """
    header = _content(file, 4 + 4 * axes)
    if header[:4] != bytes([0, 0, BYTES, axes]):
        raise DataError(
            f"mnist: {str(file)!r} begins with {header[:4].hex(' ') or 'nothing'}, expected 00 00 08 0{axes}: "
            f"an IDX file of bytes with {axes} {'axis' if axes == 1 else 'axes'}"
        )
    if len(header) < 4 + 4 * axes:
        raise DataError(f"mnist: {str(file)!r} ends after {len(header)} bytes, within its header of {4 + 4 * axes}")
    return tuple(int(length) for length in np.frombuffer(header, ">u4", axes, offset=4))


def read_idx(file: Path, axes: int) -> NDArray[np.uint8]:
    """Read one IDX file of unsigned bytes, gzipped or not.

    Parameters
    ----------
    file : path
        The file.
    axes : int
        How many axes its array must have.

    Returns
    -------
    ndarray of uint8
        With that many axes.

    Raises
    ------
    DataError
        If the file is damaged, or holds something else.
    """
    shape = idx_shape(file, axes)
    start, most = 4 + 4 * axes, largest(file)
    expected = f"expected {start + math.prod(shape)} for an array of the shape {shape}"
    if math.prod(shape) > most:
        raise DataError(f"mnist: {str(file)!r} is too short for what it says it holds, {expected}")
    content = _content(file, start + math.prod(shape) + 1)
    if len(content) != start + math.prod(shape):
        at_least = "at least " if len(content) > start + math.prod(shape) else ""
        raise DataError(f"mnist: {str(file)!r} is {at_least}{len(content)} bytes long, {expected}")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def _content(file: Path, most: int) -> bytes:
    """Return the first bytes of a file, unpacked if need be: browsers unpack, and keep the name or drop its ending."""
    with data_errors("mnist", file), file.open("rb") as stream:
        with gzip.open(stream) if stream.peek(2)[:2] == GZIP else stream as unpacked:
            return unpacked.read(most)


def _by(images: NDArray[np.uint8]) -> str:
    return f"{images.shape[1]} x {images.shape[2]}"
