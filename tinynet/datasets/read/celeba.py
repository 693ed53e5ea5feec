"""CelebA: 202,599 aligned faces of 178 x 218 pixels, each with 40 attributes that are there or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinynet.arguments import boolean, finite_number, one_of, shown, unknown, whole_number
from tinynet.datasets.dataset import (
    DataError,
    Dataset,
    PathLike,
    check_classes,
    check_file,
    data_errors,
    existing,
)
from tinynet.datasets.read.cache import kept
from tinynet.datasets.read.pictures import each_image, image_shape
from tinynet.types import Array

USAGE = "celeba:DIR"
DESCRIPTION = "CelebA: faces, resized to 64 x 64 in colour, smiling or not, from the original files in the folder DIR"
LICENCE = "non-commercial research use, not to be redistributed"
CITATION = "Liu, Luo, Wang, Tang, Deep learning face attributes in the wild, ICCV 2015"

IMAGES = "img_align_celeba"
ATTRIBUTES = "list_attr_celeba.txt"
LANDMARKS = "list_landmarks_align_celeba.txt"
PARTITION = "list_eval_partition.txt"
PARTS = ("training", "validation", "testing")
"""What the numbers of the partition stand for."""

WIDTH, HEIGHT = 178, 218
"""Pixels of the aligned pictures, in which landmarks and crops are measured whatever size the files have."""

SIZE = (64, 64)

MOUTH = {"leftmouth_x": 72.0, "leftmouth_y": 152.0, "rightmouth_x": 105.0, "rightmouth_y": 152.0}
EYES = {"lefteye_x": 69.0, "lefteye_y": 111.0, "righteye_x": 108.0, "righteye_y": 111.0}
"""Where the corners of the mouth and the eyes lie in aligned pictures, on the mean: what aligning is for."""

BOXES = {"mouth": (MOUTH, 0.75, -1 / 3, 2 / 3), "eyes": (EYES, 0.9, -0.4, 0.25), "hair": (EYES, 1.35, -2.2, -1.3)}
"""Between which two points a part lies, how far to either side, and from where to where down, as they are apart."""


def load(
    folder: PathLike,
    label: str = "Smiling",
    size: tuple[int, int] = SIZE,
    *,
    images: int | ArrayLike | None = None,
    attributes: Sequence[str] | None = None,
    grey: bool = False,
    crop: tuple[float, float, float, float] | None = None,
) -> Dataset:
    """Read the faces of a folder, labelled by one attribute.

    Parameters
    ----------
    folder : str or path
        Holds ``img_align_celeba/*.jpg`` and ``list_attr_celeba.txt``, in itself or in folders below as in the
        original archive, and, if you like, ``list_eval_partition.txt`` and ``list_landmarks_align_celeba.txt``.
    label : str
        The attribute that tells the two classes apart.
    size : tuple of int
        Height and width of the images, in pixels.
    images : int or array_like of int, optional
        How many of the list, from its beginning, or which: their numbers, 1 for ``000001.jpg``. Left alone, all.
    attributes : sequence of str, optional
        Those that are kept beside the label; left alone, all 40.
    grey : bool
        Whether to read one channel of grey, or three of red, green and blue.
    crop : tuple of float, optional
        Left, upper, right and lower edge of what is read of each picture, in pixels of the aligned picture of
        178 x 218. Left alone, the largest part in the middle that has the shape of `size`.

    Returns
    -------
    Dataset
        Images of shape (N, 3 or 1, *size), class 1 those that have the attribute. Attributes: `attributes` as bool,
        "file", and, where their files are there, "partition" and the landmarks, such as "lefteye_x", in pixels of the
        images as they were read. `is_test` marks what the partition tests on. Another attribute labels the same images
        by :meth:`Dataset.labelled_by`.

    Raises
    ------
    DataError
        If a file or a picture is missing, a list has a wrong count, a short row or a wrong value, there is no such
        attribute or picture, or all images are of one class.

    Notes
    -----
    What was read is kept, see :mod:`tinynet.datasets.read.cache`.

    References
    ----------
    Meniconi et al., section 2; Liu, Luo, Wang and Tang 2015.
    """
    path = existing(folder, "celeba")
    with data_errors("celeba"):
        boolean("grey", grey)
        table = _table(place_of(path, ATTRIBUTES), path)
        columns = [_known(name, table) for name in (label, *(table.columns if attributes is None else attributes))]
        rows = _chosen(images, table.names)
        frame = _crop(crop, size)
        names = [table.names[row] for row in rows]
        pictures = _pictures(path, names)
    has = {name: _yes(table, name)[rows] for name in columns}
    extra = {"file": np.array(names), **_landmarks(path, names, frame, size)}
    parts = _partition(path, names)
    is_test = None if parts is None else parts == 2
    if parts is not None:
        extra["partition"] = np.array(PARTS)[parts]
    with data_errors("celeba"):
        x = _read(pictures, size, frame, grey=grey)
        return check_classes(
            Dataset(
                name="celeba",
                x=x,
                labels=has[label].astype(np.int64),
                classes=(f"not {label}", label),
                attributes={**{name: has[name] for name in columns[1:]}, **extra},
                is_test=is_test if is_test is not None and 0 < is_test.sum() < len(rows) else None,
                licence=LICENCE,
                citation=CITATION,
                description=DESCRIPTION,
            )
        )


def has_landmarks(data: Dataset, part: str) -> bool:
    """Return whether landmarks say where a part of each face is, or only the aligning does.

    Parameters
    ----------
    data : Dataset
        As :func:`load` returns it.
    part : {"mouth", "eyes", "hair"}
    """
    return data.attributes.keys() >= BOXES[one_of("part", part, BOXES)][0].keys()


def boxes(data: Dataset, crop: tuple[float, float, float, float] | None = None) -> dict[str, NDArray[np.bool_]]:
    """Return boxes around parts of each face, from its own landmarks if they are known, else where aligned faces are.

    Parameters
    ----------
    data : Dataset
        As :func:`load` returns it.
    crop : tuple of float, optional
        What it was given.

    Returns
    -------
    dict of str to ndarray of shape (N, H, W)
        "mouth": half as wide again as its corners are apart and as high as they are apart, a third of it above them:
        lips open downwards. "eyes": with brows, nearly twice as wide as the eyes are apart. "hair": above the forehead.
        The names are those of the drawn faces' masks.
    """
    height, width = data.input_shape[1:]
    with data_errors("celeba"):
        scales = _scales(_crop(crop, (height, width)), (height, width))
    found = {}
    for part, (aligned, beside, above, below) in BOXES.items():
        where = {name: np.full(len(data), _scaled(place, name, scales)) for name, place in aligned.items()}
        told = data.attributes if has_landmarks(data, part) else where
        left, upper, right, lower = (np.asarray(told[name], np.float64)[:, None] for name in aligned)
        apart = np.hypot(right - left, lower - upper)
        x, y = np.arange(width) - (left + right) / 2, np.arange(height) - (upper + lower) / 2
        across, down = np.abs(x) <= beside * apart, (y >= above * apart) & (y <= below * apart)
        found[part] = np.asarray(down[:, :, None] & across[:, None, :])
    return found


@dataclass(frozen=True)
class Table:
    """One of the lists: a row of numbers for each picture.

    Attributes
    ----------
    file : Path
    names : list of str
        Of the pictures.
    columns : tuple of str
    values : ndarray of shape (len(names), len(columns))
    """

    file: Path
    names: list[str]
    columns: tuple[str, ...]
    values: NDArray[np.int64]


def attribute_shares(folder: PathLike) -> dict[str, float]:
    """Return the share of the pictures that has each attribute; no picture is read.

    Parameters
    ----------
    folder : str or path
        As for :func:`load`.

    Returns
    -------
    dict of str to float
        In the order of the list.

    References
    ----------
    Meniconi et al., figure 2.1.
    """
    path = existing(folder, "celeba")
    table = _table(place_of(path, ATTRIBUTES), path)
    return {name: float(_yes(table, name).mean()) for name in table.columns}


def _table(file: Path | None, folder: Path) -> Table:
    """Read a list with a count, a line of names, and a row for each picture."""
    if file is None:
        raise DataError(f"celeba: {str(folder)!r} has no file {ATTRIBUTES}")
    lines = _lines(file)
    if len(lines) < 2 or not (lines[0].isascii() and lines[0].isdecimal()):
        begins = shown(lines[0]) if lines else "nothing"
        raise DataError(f"celeba: {str(file)!r} begins with {begins}, expected the number of its images")
    columns = tuple(lines[1].split())
    names, values = _rows(file, lines[2:], first_line=3, columns=columns)
    if int(lines[0]) != len(names):
        raise DataError(f"celeba: {str(file)!r} says that it has {lines[0]} images, but has {len(names)} rows")
    return Table(file, names, columns, values)


def _lines(file: Path) -> list[str]:
    check_file(file)
    with data_errors("celeba", file):
        lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _rows(file: Path, lines: list[str], first_line: int, columns: Sequence[str]) -> tuple[list[str], NDArray[np.int64]]:
    """Return the names and the whole numbers of rows that all have as many as there are columns."""
    names: list[str] = []
    values = np.empty((len(lines), len(columns)), np.int64)
    for row, line in enumerate(lines):
        name, *numbers = line.split() or [""]
        where = f"celeba: {str(file)!r}: line {first_line + row} ({shown(name)})"
        if len(numbers) != len(columns):
            raise DataError(f"{where} has {len(numbers)} values, expected {len(columns)}")
        if Path(name).name != name:
            raise DataError(f"{where} begins with no file's name")
        try:
            values[row] = [int(number) for number in numbers]
        except (ValueError, OverflowError):
            raise DataError(f"{where} holds what is no whole number") from None
        names.append(name)
    if len(set(names)) < len(names):
        twice = next(name for row, name in enumerate(names) if name in names[:row])
        raise DataError(f"celeba: {str(file)!r} has two rows for {twice!r}, expected one")
    return names, values


def _yes(table: Table, name: str) -> NDArray[np.bool_]:
    """Return which pictures have an attribute: 1 in the list, where -1 stands for no."""
    values = table.values[:, table.columns.index(name)]
    for row in np.flatnonzero(abs(values) != 1)[:1]:
        raise DataError(f"celeba: {str(table.file)!r}: {table.names[row]!r} has {name} {values[row]}, expected 1 or -1")
    return values == 1


def _known(name: str, table: Table) -> str:
    if name not in table.columns:
        raise DataError(f"celeba: {unknown('attribute', str(name), list(table.columns))}")
    return name


def place_of(folder: Path, name: str) -> Path | None:
    """Return what has a name, in the folder or in one below; None if nothing has."""
    places = [folder, *sorted(entry for entry in folder.iterdir() if entry.is_dir() and entry.name != IMAGES)]
    return next((place / name for place in places if (place / name).exists()), None)


def _chosen(images: int | ArrayLike | None, names: Sequence[str]) -> list[int]:
    """Return the rows of the pictures that are asked for."""
    if images is None:
        return list(range(len(names)))
    if np.ndim(images) == 0:
        return list(range(whole_number("images", images, 1, len(names))))
    numbers = np.asarray(images)
    if numbers.ndim != 1 or not numbers.size or numbers.dtype.kind not in "iu":
        raise DataError(f"celeba: images is {shown(images)}, expected how many or their numbers, 1 for {names[0]}")
    row_of = {int(Path(name).stem): row for row, name in enumerate(names) if Path(name).stem.isdecimal()}
    missing = next((number for number in numbers.tolist() if number not in row_of), None)
    if missing is not None:
        raise DataError(f"celeba: images holds {missing}, expected numbers of {names[0]} to {names[-1]}")
    return [row_of[number] for number in numbers.tolist()]


def _pictures(folder: Path, names: Sequence[str]) -> list[Path]:
    """Return the files of pictures, all of which must be there."""
    place = place_of(folder, IMAGES)
    if place is None:
        raise DataError(f"celeba: {str(folder)!r} has no folder {IMAGES}")
    place = place / IMAGES if (place / IMAGES).is_dir() else place  # as some archives unpack
    there = {entry.name for entry in place.iterdir()}
    missing = [name for name in names if name not in there]
    if missing:
        raise DataError(
            f"celeba: {str(place / missing[0])!r} is missing ({len(missing)} of {len(names)} are): "
            "images=COUNT reads the first ones only"
        )
    return [place / name for name in names]


def _crop(crop: tuple[float, float, float, float] | None, size: tuple[int, int]) -> tuple[float, float, float, float]:
    """Return left, upper, right and lower edge of what is read, in pixels of the aligned picture."""
    if not isinstance(size, (tuple, list)) or len(size) != 2:
        raise DataError(f"celeba: size is {shown(size)}, expected a height and a width")
    height, width = (whole_number("size", side) for side in size)
    if crop is None:
        scale = min(WIDTH / width, HEIGHT / height)
        left, upper = max((WIDTH - scale * width) / 2, 0.0), max((HEIGHT - scale * height) / 2, 0.0)
        return left, upper, WIDTH - left, HEIGHT - upper
    if not isinstance(crop, (tuple, list)) or len(crop) != 4:
        raise DataError(f"celeba: crop is {shown(crop)}, expected the left, upper, right and lower edge")
    left, upper, right, lower = (finite_number("crop", edge) for edge in crop)
    if not (0 <= left < right <= WIDTH and 0 <= upper < lower <= HEIGHT):
        raise DataError(f"celeba: crop is {shown(crop)}, expected edges within (0, 0, {WIDTH}, {HEIGHT}), in order")
    return left, upper, right, lower


def _landmarks(
    folder: Path, names: Sequence[str], frame: tuple[float, float, float, float], size: tuple[int, int]
) -> dict[str, Array]:
    """Return where the eyes, the nose and the mouth lie in the images as they are read, if that is known."""
    file = place_of(folder, LANDMARKS)
    if file is None:
        return {}
    table = _table(file, folder)
    points = table.values[_rows_of(names, table.names, file)].astype(np.float64)
    scales = _scales(frame, size)
    for name in table.columns:
        if name[-1] not in scales:
            raise DataError(f"celeba: {str(file)!r} has a column {name!r}, expected names that end in x or y")
    return {name: _scaled(points[:, column], name, scales) for column, name in enumerate(table.columns)}


def _scales(frame: tuple[float, float, float, float], size: tuple[int, int]) -> dict[str, tuple[float, float]]:
    """Return, for x and y, where the images begin in the aligned pictures, and how many of their pixels one takes."""
    left, upper, right, lower = frame
    return {"x": (left, size[1] / (right - left)), "y": (upper, size[0] / (lower - upper))}


def _scaled(places: Any, name: str, scales: Mapping[str, tuple[float, float]]) -> Any:
    """Return places in the aligned pictures, called ..._x or ..._y, in pixels of the images."""
    start, scale = scales[name[-1]]
    return (places - start) * scale


def _partition(folder: Path, names: Sequence[str]) -> NDArray[np.int64] | None:
    """Return the part, 0 to 2, of each picture, if the list is there."""
    file = place_of(folder, PARTITION)
    if file is None:
        return None
    listed, values = _rows(file, _lines(file), first_line=1, columns=("part",))
    parts = values[_rows_of(names, listed, file), 0]
    for row in np.flatnonzero((parts < 0) | (parts > 2))[:1]:
        raise DataError(f"celeba: {str(file)!r}: {names[row]!r} is of part {parts[row]}, expected 0, 1 or 2")
    return parts


def _rows_of(names: Sequence[str], listed: Sequence[str], file: Path) -> list[int]:
    row_of: Mapping[str, int] = {name: row for row, name in enumerate(listed)}
    missing = [name for name in names if name not in row_of]
    if missing:
        raise DataError(f"celeba: {str(file)!r} has no row for {missing[0]!r} ({len(missing)} are missing)")
    return [row_of[name] for name in names]


def _read(
    pictures: Sequence[Path], size: tuple[int, int], frame: tuple[float, float, float, float], *, grey: bool
) -> NDArray[np.float32]:
    """Return the pictures, cropped and resized, 0 to 1."""
    left, upper, right, lower = frame
    box = (left / WIDTH, upper / HEIGHT, right / WIDTH, lower / HEIGHT)
    return kept(
        pictures,
        {"data set": USAGE, "crop": list(frame), "grey": bool(grey)},
        image_shape(size, grey),
        lambda: each_image(pictures, size, grey=grey, task="reading celeba", box=box),
    )
