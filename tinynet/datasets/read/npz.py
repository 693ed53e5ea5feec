"""Arrays in a NumPy archive: any data set as one file."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinynet.arguments import as_path, shown
from tinynet.datasets.dataset import (
    DataError,
    Dataset,
    PathLike,
    check_classes,
    data_errors,
    existing,
    filled_in,
    grey_levels,
)
from tinynet.files import Arrays, largest, written_whole
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
    with data_errors("npz", path):
        dataset = Dataset(
            x=_images(path, arrays),
            labels=labels,
            classes=_classes(arrays, labels),
            attributes=_starting_with(ATTRIBUTE, arrays),
            masks=_starting_with(MASK, arrays),
            is_test=arrays.get("is_test"),
            **{"name": path.stem, **{text: _text(arrays, text) for text in TEXTS if text in arrays}},
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
    if not isinstance(dataset, Dataset):
        raise DataError(f"npz: dataset is {shown(dataset)}, expected a Dataset")
    with data_errors("npz"):
        path = filled_in(as_path("file", file))
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
    """Return the arrays of a data set; whatever else is in the file is not read."""
    if not zipfile.is_zipfile(file):
        raise DataError(f"npz: {str(file)!r} is not a NumPy archive, or a truncated one")
    with data_errors("npz", file), zipfile.ZipFile(file) as archive:
        arrays = dict(Arrays(archive, largest(file), _is_known))
        if not arrays:
            held = ", ".join(sorted(shown(name.removesuffix(".npy")) for name in archive.namelist())) or "nothing"
            raise DataError(f"npz: {str(file)!r} has no array x, expected x and labels; it holds {held}")
        return arrays


def _is_known(name: str) -> bool:
    return name in ("x", "labels", "y", "classes", "is_test", *TEXTS) or name.startswith((ATTRIBUTE, MASK))


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


def _classes(arrays: dict[str, Array], labels: Array) -> tuple[str, ...]:
    """Return the names of the classes, by default their numbers."""
    if "classes" not in arrays:
        return tuple(str(number) for number in range(len(np.unique(labels))))
    classes = arrays["classes"]
    if classes.ndim != 1 or classes.dtype.kind not in "USiu":
        raise DataError(f"npz: classes is {shown(classes)}, expected a row of names")
    return tuple(str(name) for name in (np.char.decode(classes, "utf-8") if classes.dtype.kind == "S" else classes))


def _text(arrays: dict[str, Array], name: str) -> str:
    text = arrays[name]
    if text.ndim or text.dtype.kind != "U":
        raise DataError(f"npz: {name} is {shown(text)}, expected text")
    return str(text)


def _starting_with(prefix: str, arrays: dict[str, Array]) -> dict[str, Array]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
