"""MNIST, and every data set in its four IDX files: handwritten digits, 60,000 to train on and 10,000 to test on."""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinynet.datasets.dataset import DataError, Dataset, PathLike, check_classes, existing, grey_levels

USAGE = "mnist:DIR"
DESCRIPTION = "70,000 handwritten digits, 28 x 28, from the four IDX files in the folder DIR (gzipped or not)"
LICENCE = "CC BY-SA 3.0"
CITATION = "LeCun, Cortes, Burges, The MNIST database of handwritten digits"

BYTES = 8
"""The code that an IDX file has for unsigned bytes."""


def load(folder: PathLike) -> Dataset:
    """Read the training and the test images of a folder, joined; `is_test` marks the latter.

    Parameters
    ----------
    folder : str or path
        Holds the four files under their original names, such as ``train-images-idx3-ubyte.gz`` or
        ``train-images.idx3-ubyte``.

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
    return check_classes(
        Dataset(
            name="mnist",
            x=np.concatenate([grey_levels(part) for part in images])[:, None],
            labels=np.concatenate(labels).astype(np.int64),
            classes=tuple("0123456789"),
            is_test=np.repeat([False, True], [len(part) for part in images]),
            licence=LICENCE,
            citation=CITATION,
            description=DESCRIPTION,
        )
    )


def _read_part(folder: Path, part: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    image_file = _find(folder, f"{part}-images", 3)
    label_file = _find(folder, f"{part}-labels", 1)
    images, labels = read_idx(image_file, axes=3), read_idx(label_file, axes=1)
    if len(images) != len(labels):
        raise DataError(
            f"mnist: {image_file.name} holds {len(images)} images, but {label_file.name} {len(labels)} labels"
        )
    return images, labels


def _find(folder: Path, name: str, axes: int) -> Path:
    original = f"{name}-idx{axes}-ubyte"
    for ending in ("", ".gz"):
        for candidate in (folder / f"{original}{ending}", folder / f"{name}.idx{axes}-ubyte{ending}"):
            if candidate.is_file():
                return candidate
    raise DataError(f"mnist: {str(folder)!r} has no file {original} or {original}.gz")


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

    Notes
    -----
    An IDX file is two zero bytes, the code of the number type, the number of axes, the length of each axis as a
    big-endian 32-bit integer, and the numbers, last axis fastest.
    """
    content = _content(file)
    start = 4 + 4 * axes
    if content[:4] != bytes([0, 0, BYTES, axes]):
        raise DataError(
            f"mnist: {str(file)!r} begins with {content[:4].hex(' ') or 'nothing'}, expected 00 00 08 0{axes}: "
            f"an IDX file of bytes with {axes} {'axis' if axes == 1 else 'axes'}"
        )
    if len(content) < start:
        raise DataError(f"mnist: {str(file)!r} ends after {len(content)} bytes, within its header of {start}")
    shape = tuple(int(length) for length in np.frombuffer(content, ">u4", axes, offset=4))
    if len(content) != start + math.prod(shape):
        raise DataError(
            f"mnist: {str(file)!r} is {len(content)} bytes long, expected {start + math.prod(shape)} for an array of "
            f"the shape {shape}"
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def _content(file: Path) -> bytes:
    try:
        content = file.read_bytes()
        return gzip.decompress(content) if file.suffix == ".gz" else content
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"mnist: {str(file)!r} cannot be read, it may be truncated: {error}") from error


def _by(images: NDArray[np.uint8]) -> str:
    return f"{images.shape[1]} x {images.shape[2]}"
