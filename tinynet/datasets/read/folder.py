"""Pictures of the user's own: a folder that holds one folder of image files for each class."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

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
)
from tinynet.datasets.read.cache import kept
from tinynet.datasets.read.pictures import each_image, has_image_ending, image_shape, is_image, usual_size

USAGE = "folder:DIR"
DESCRIPTION = "Your own pictures: the folder DIR holds one folder of image files, or of folders of them, a class"
LICENCE = "that of the pictures"
CITATION = ""
LONGEST = 60  # pixels of the longer side, unless a size is asked for

LITTER = {"__MACOSX", "@eaDir"}  # folders that archivers and file servers leave beside the classes
TRAINING, VALIDATION, TESTING = {"train", "training"}, {"val", "valid", "validation"}, {"test", "testing"}


def load(
    folder: PathLike,
    size: tuple[int, int] | None = None,
    *,
    grey: bool = True,
    fit: Literal["crop", "pad", "stretch"] = "crop",
) -> Dataset:
    """Read the pictures of a folder of folders; the names of these are the classes.

    Parameters
    ----------
    folder : str or path
        Holds one folder for each class, with pictures in it and in folders below. Where a split was published, there
        are a folder ``train`` and a folder ``test`` that hold the class folders, or in each of these; pictures of a
        third, ``val``, are for training here. Hidden files are left out, and so are files that neither are pictures nor
        have the ending of one.
    size : tuple of int, optional
        Height and width of the images, in pixels. Left alone, they have the shape of most pictures (the median of
        height to width), and a longer side of 60 pixels.
    grey : bool
        Whether to read one channel of grey, or three of red, green and blue.
    fit : {"crop", "pad", "stretch"}
        What is done with a picture of another shape than `size`. By default its middle is cut out, as large as it can
        be: nothing is distorted, and no bars are added, by which a network could tell classes whose pictures have
        other shapes. ``"pad"`` keeps the whole picture and adds black on two sides; ``"stretch"`` distorts it.

    Returns
    -------
    Dataset
        Images of shape (N, 1 or 3, *size), ordered by class and file name, numbers by their size (s2 before s10);
        attribute "file" holds their paths.

    Notes
    -----
    What was read from large folders is kept, see :mod:`tinynet.datasets.read.cache`.

    Raises
    ------
    DataError
        If the folder is missing or has fewer than two classes, a class is empty, or a picture cannot be read.
    """
    path = existing(folder, "folder")
    with data_errors("folder", path):
        parts = _parts(path)
        folders = {name: [part / name for part in parts if (part / name).is_dir()] for name in _class_names(parts)}
        if len(folders) < 2:
            found = f"only {next(iter(folders))!r}" if folders else "none"
            raise DataError(
                f"folder: {str(path)!r} should hold a folder for each of at least two classes, found {found}"
            )
        files = [[file for folder in of_class for file in _image_files(folder)] for of_class in folders.values()]
        together = [file for of_class in files for file in of_class]
        places = [file.relative_to(path) for file in together]
        shape = usual_size(together, LONGEST) if size is None else size
        task = f"reading {path.name}"
        x = kept(
            together,
            {"grey": bool(grey), "fit": fit},
            image_shape(shape, grey),
            lambda: each_image(together, shape, grey=grey, task=task, fit=fit),
        )
        return check_classes(
            Dataset(
                name=path.resolve().name or "folder",
                x=x,
                labels=np.repeat(np.arange(len(files)), [len(of_class) for of_class in files]),
                classes=tuple(folders),
                attributes={"file": np.array([place.as_posix() for place in places])},
                is_test=_is_for_testing(places, level=0 if len(parts) > 1 else 1),
                licence=LICENCE,
                citation=CITATION,
                description=f"The pictures of the folder {path.name}",
            )
        )


def _parts(folder: Path) -> list[Path]:
    """Return the folders that hold the class folders: those of a published split, or the folder itself."""
    below = [entry for entry in _visible(folder) if entry.is_dir()]
    is_split = _is_split({entry.name.lower() for entry in below})
    if is_split and all(any(entry.is_dir() for entry in _visible(part)) for part in below):
        return below
    return [folder]


def _is_split(names: set[str]) -> bool:
    """Whether names are those of the folders of a published split."""
    return names <= TRAINING | VALIDATION | TESTING and bool(names & TRAINING and names - TRAINING)


def _is_for_testing(places: list[Path], level: int) -> NDArray[np.bool_] | None:
    """Whether each file is of the part to test on; pictures to validate with are, if there are no others.

    `level` counts the folders in front of the one that may be of a split: None if there is none.
    """
    names = [place.parent.parts[level].lower() if len(place.parent.parts) > level else "" for place in places]
    found = set(names)
    return np.isin(names, list(TESTING if TESTING & found else VALIDATION)) if _is_split(found) else None


def _class_names(parts: list[Path]) -> list[str]:
    names = {entry.name for part in parts for entry in _visible(part) if entry.is_dir()}
    return sorted(names, key=_in_natural_order)


def _in_natural_order(name: str) -> tuple[list[tuple[str, int]], str]:
    """Return what sorts names as people do: numbers by their size, so that s2 stands before s10."""
    pieces = re.findall(r"([^0-9]*)([0-9]*)", name)
    return [(text, int(number or -1)) for text, number in pieces], name


def _visible(folder: Path) -> Iterator[Path]:
    """Give the entries of a folder in order, without hidden ones and litter; one that leads nowhere is an error."""
    for entry in sorted(folder.iterdir(), key=lambda entry: _in_natural_order(entry.name)):
        if not entry.name.startswith(".") and entry.name not in LITTER:
            if entry.is_symlink() and not entry.exists():
                check_file(entry)
            yield entry


def _all_files(folder: Path) -> Iterator[Path]:
    """Give the files of a folder and of those below; a link that leads back up is an error."""
    for entry in _visible(folder):
        if not entry.is_dir():
            yield entry
        elif any(place.resolve().is_relative_to(entry.resolve()) for place in (folder, *folder.parents)):
            raise DataError(f"folder: the link {str(entry)!r} leads back to a folder that it is in")
        else:
            yield from _all_files(entry)


def _image_files(folder: Path) -> list[Path]:
    entries = list(_all_files(folder))
    for entry in filter(has_image_ending, entries):
        check_file(entry)
    files = [entry for entry in entries if has_image_ending(entry) or (entry.is_file() and is_image(entry))]
    if not files:
        raise DataError(f"folder: the class folder {str(folder)!r} holds no image file")
    return files
