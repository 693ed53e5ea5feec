"""Arrays in a NumPy archive: any data set as one file."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinynet.datasets.dataset import DataError, Dataset, PathLike, check_classes, existing, filled_in, grey_levels
from tinynet.files import written_whole
from tinynet.types import Array

USAGE = "npz:FILE"
DESCRIPTION = "Your own arrays: FILE holds x (N, H, W or N, C, H, W), labels (N) and, if you like, classes"
LICENCE = "that of the arrays"
CITATION = ""

ATTRIBUTE = "attribute "
MASK = "mask "
TEXTS = ("name", "licence", "citation", "description")
LARGEST_PIXEL = 10.0


def load(file: PathLike) -> Dataset:
    """Read a data set from an ``.npz`` file.

    Parameters
    ----------
    file : str or path
        Holds `x` of shape (N, H, W) or (N, C, H, W), as bytes from 0 to 255 or floating-point numbers from 0 to 1;
        `labels` (or `y`) of shape (N,), whole numbers from 0; and, optionally, the names `classes`. What `save` adds
        to these is read too.

    Returns
    -------
    Dataset
        Images of shape (N, C, H, W).

    Raises
    ------
    DataError
        If the file is missing, damaged or holds something else.
    """
    path = existing(file, "npz", kind="file")
    arrays = _read(path)
    labels = _array(path, arrays, "labels", "y")
    dataset = Dataset(
        x=_images(path, arrays),
        labels=labels,
        classes=_classes(arrays, labels),
        attributes=_starting_with(ATTRIBUTE, arrays),
        masks=_starting_with(MASK, arrays),
        is_test=arrays.get("is_test"),
        **{"name": path.stem, **{text: str(arrays[text]) for text in TEXTS if text in arrays}},
    )
    return check_classes(dataset)


def save(dataset: Dataset, file: PathLike) -> None:
    """Write a data set to an ``.npz`` file, whole or not at all.

    Parameters
    ----------
    dataset : Dataset
        What to write.
    file : str or path
        Where to write it; a file that is there already is replaced.

    Raises
    ------
    DataError
        If the file cannot be written.
    """
    path = filled_in(file)
    arrays: dict[str, Any] = {
        "x": dataset.x,
        "labels": dataset.labels,
        "classes": np.array(dataset.classes),
        **{ATTRIBUTE + name: values for name, values in dataset.attributes.items()},
        **{MASK + name: mask for name, mask in dataset.masks.items()},
        **{text: np.array(getattr(dataset, text)) for text in TEXTS},
    }
    if dataset.is_test is not None:
        arrays["is_test"] = dataset.is_test
    try:
        with written_whole(path) as temporary, temporary.open("wb") as stream:
            np.savez_compressed(stream, **arrays)
    except OSError as error:
        raise DataError(f"npz: {str(path)!r} cannot be written: {error.strerror or error}") from error


def _read(file: Path) -> dict[str, Array]:
    if not zipfile.is_zipfile(file):
        raise DataError(f"npz: {str(file)!r} is not a NumPy archive, or a truncated one")
    arrays = {}
    name = "x"
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            for name in archive.files:
                arrays[name] = np.asarray(archive[name])
    except (
        OSError,
        ValueError,
        EOFError,
        KeyError,
        RuntimeError,
        MemoryError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise DataError(f"npz: array {name!r} of {str(file)!r} cannot be read: {error}") from error
    return arrays


def _images(file: Path, arrays: dict[str, Array]) -> NDArray[np.float32]:
    x = _array(file, arrays, "x")
    if x.ndim == 3:
        x = x[:, None]
    if x.ndim != 4:
        raise DataError(f"npz: x in {str(file)!r} has the shape {x.shape}, expected (N, H, W) or (N, C, H, W)")
    if x.shape[1] > 4 >= x.shape[3]:
        raise DataError(
            f"npz: x in {str(file)!r} has the shape {x.shape}, which looks like (N, H, W, C), expected (N, C, H, W): "
            "save x.transpose(0, 3, 1, 2)"
        )
    if x.dtype == np.uint8:
        return grey_levels(x)
    if x.dtype.kind != "f":
        raise DataError(f"npz: x in {str(file)!r} is of type {x.dtype}, expected uint8 (0 to 255) or floats (0 to 1)")
    low, high = x.min(initial=0), x.max(initial=0)
    if np.isfinite([low, high]).all() and max(-low, high) > LARGEST_PIXEL:
        raise DataError(
            f"npz: x in {str(file)!r} reaches from {low:g} to {high:g}, expected 0 to 1: divide it, or save "
            "bytes as uint8"
        )
    return x


def _array(file: Path, arrays: dict[str, Array], *names: str) -> Array:
    for name in names:
        if name in arrays:
            return arrays[name]
    held = ", ".join(arrays) or "nothing"
    raise DataError(f"npz: {str(file)!r} has no array {' or '.join(names)}, expected x and labels; it holds {held}")


def _classes(arrays: dict[str, Array], labels: NDArray[np.int64]) -> tuple[str, ...]:
    """Return the names of the classes, by default their numbers."""
    if "classes" in arrays:
        return tuple(str(name) for name in arrays["classes"].ravel())
    return tuple(str(number) for number in range(len(np.unique(labels))))


def _starting_with(prefix: str, arrays: dict[str, Array]) -> dict[str, Array]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
