"""One form for every data set: images, labels, and whatever else is known of each image."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinynet.types import Array

PathLike = str | os.PathLike[str]
PLANTED = "distinguishing"  # the mask and attribute of what is known to tell a class from the others


class DataError(ValueError):
    """A data set that cannot be used; the message says what is wrong, where, what was got and what was expected."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images with their labels.

    Parameters
    ----------
    name : str
        What the figures and reports call it.
    x : ndarray of shape (N, C, H, W)
        Images, float32, 0 (black) to 1 (white); noise and standardised images may lie outside.
    labels : ndarray of shape (N,)
        Class of each image, an integer index into `classes`.
    classes : tuple of str
        Names of the classes.
    attributes : mapping of str to ndarray of shape (N,)
        Further labels of each image, such as its lighting or whether it wears glasses.
    masks : mapping of str to ndarray of shape (N, H, W)
        Where each named part lies in each image (bool); the evidence that is known of embedded sets.
    is_test : ndarray of shape (N,), optional
        The images that a published split keeps for testing.
    licence, citation, description : str
        Where the data come from and how they may be used.

    Raises
    ------
    DataError
        If there is no image, the arrays do not fit each other, a pixel is not a finite number, or a label names no
        class.
    """

    name: str
    x: NDArray[np.float32]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    attributes: Mapping[str, NDArray[np.generic]] = field(default_factory=dict)
    masks: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    is_test: NDArray[np.bool_] | None = None
    licence: str = ""
    citation: str = ""
    description: str = ""

    def __post_init__(self) -> None:
        arrays = {
            "x": self._checked_images(),
            "labels": self._checked_labels(),
            "classes": tuple(self.classes),
            "attributes": {name: self._checked_attribute(name) for name in self.attributes},
            "masks": {name: self._checked_mask(name) for name in self.masks},
            "is_test": None if self.is_test is None else self._per_image("is_test", self.is_test, np.bool_),
        }
        for name, value in arrays.items():
            object.__setattr__(self, name, value)

    def _checked_images(self) -> NDArray[np.float32]:
        x = np.asarray(self.x)
        if x.dtype.kind != "f":
            raise DataError(f"{self.name}: x is of type {x.dtype}, expected floating-point numbers from 0 to 1")
        if x.ndim != 4 or 0 in x.shape[1:]:
            raise DataError(f"{self.name}: x has the shape {x.shape}, expected (images, channels, height, width)")
        if len(x) == 0:
            raise DataError(f"{self.name}: there is no image")
        with np.errstate(over="ignore"):
            x = x.astype(np.float32, copy=False)
        # NaN and infinities show in the extremes, which need no array as large as x.
        if not (np.isfinite(x.min()) and np.isfinite(x.max())):
            image, channel, row, column = np.argwhere(~np.isfinite(x))[0]
            raise DataError(
                f"{self.name}: image {image} has the value {x[image, channel, row, column]} in channel {channel}, "
                f"row {row}, column {column}, expected finite numbers"
            )
        return x

    def _checked_labels(self) -> NDArray[np.int64]:
        given = np.asarray(self.labels)
        if given.dtype.kind not in "iu":
            raise DataError(f"{self.name}: labels are of type {given.dtype}, expected whole numbers")
        labels = self._per_image("labels", given, np.int64)
        wrong = np.flatnonzero((labels < 0) | (labels >= len(self.classes)))
        if len(wrong):
            raise DataError(
                f"{self.name}: image {wrong[0]} has the label {labels[wrong[0]]}, expected 0 to "
                f"{len(self.classes) - 1} for {len(self.classes)} classes ({len(wrong)} labels are out of range)"
            )
        return labels

    def _checked_attribute(self, name: str) -> NDArray[np.generic]:
        values = np.asarray(self.attributes[name])
        if values.dtype.kind == "O":
            raise DataError(f"{self.name}: attribute {name!r} holds Python objects, expected numbers, bool or text")
        return self._per_image(f"attribute {name!r}", values, values.dtype)

    def _checked_mask(self, name: str) -> NDArray[np.bool_]:
        mask = np.asarray(self.masks[name])
        wanted = (len(self), *self.x.shape[2:])
        if mask.shape != wanted or mask.dtype != np.bool_:
            raise DataError(
                f"{self.name}: mask {name!r} is {mask.dtype} of the shape {mask.shape}, expected bool of {wanted}"
            )
        return mask

    def _per_image(self, what: str, values: ArrayLike, dtype: Any) -> Array:
        array = np.asarray(values)
        if array.shape != (len(self.x),):
            raise DataError(
                f"{self.name}: {what} has the shape {array.shape}, expected ({len(self.x)},): one value for each image"
            )
        return array.astype(dtype, copy=False)

    def __len__(self) -> int:
        return len(self.x)

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Shape (C, H, W) of one image."""
        channels, height, width = self.x.shape[1:]
        return channels, height, width

    def take(self, index: ArrayLike) -> Dataset:
        """Return the images of an integer or boolean index, with all that is known of them.

        Parameters
        ----------
        index : array_like of int or bool
            Which images.
        """
        rows = np.asarray(index)
        return replace(
            self,
            x=self.x[rows],
            labels=self.labels[rows],
            attributes={name: values[rows] for name, values in self.attributes.items()},
            masks={name: masks[rows] for name, masks in self.masks.items()},
            is_test=None if self.is_test is None else self.is_test[rows],
        )

    def split(
        self,
        test: float | None = None,
        rng: int | np.random.Generator = 0,
        groups: str | ArrayLike | None = None,
    ) -> tuple[Dataset, Dataset]:
        """Split into images to train on and images to test on.

        Parameters
        ----------
        test : float, optional
            Share of the images to test on, rounded to whole images. Left alone, a published split is used where there
            is one (unless `groups` is given), and a random quarter otherwise.
        rng : int or numpy.random.Generator
            Draws the split; the same seed gives the same split.
        groups : str or array_like of shape (N,), optional
            Images that must not be parted: ``"identical"`` for those with the same pixels, the name of an attribute
            for those that agree in it, or a group number for each image. The test set is then filled with whole
            groups in random order, as far as they fit.

        Returns
        -------
        train, test : Dataset
            In the order of the whole set; neither has a published split any more.

        Raises
        ------
        DataError
            If one of the sides would be empty, or `groups` is not known.

        Examples
        --------
        >>> from tinynet import datasets
        >>> train, test = datasets.load("letters:10").split(test=0.2)
        >>> len(train), len(test)
        (24, 6)
        """
        if test is None and groups is None and self.is_test is not None:
            is_test = self.is_test
        else:
            is_test = self._drawn_split(0.25 if test is None else test, np.random.default_rng(rng), groups)
        if is_test.all() or not is_test.any():
            raise DataError(
                f"{self.name}: {len(self)} images would be split into {np.sum(~is_test)} to train on and "
                f"{np.sum(is_test)} to test on, expected at least one each: give another share, such as test=0.5"
            )
        unsplit = replace(self, is_test=None)
        return unsplit.take(~is_test), unsplit.take(is_test)

    def _drawn_split(self, share: float, rng: np.random.Generator, groups: str | ArrayLike | None) -> NDArray[np.bool_]:
        if not 0 < share < 1:
            raise DataError(f"{self.name}: the share of images to test on is {share}, expected between 0 and 1")
        group_of_image = self._groups(groups)
        sizes = np.bincount(group_of_image)
        room = round(share * len(self))
        chosen = np.zeros(len(sizes), np.bool_)
        for group in rng.permutation(len(sizes)):
            if sizes[group] <= room:
                chosen[group] = True
                room -= sizes[group]
        return chosen[group_of_image]

    def _groups(self, groups: str | ArrayLike | None) -> NDArray[np.int64]:
        """Return the number of each image's group, 0 upwards."""
        if groups is None:
            return np.arange(len(self))
        if isinstance(groups, str):
            if groups == "identical":
                first: dict[bytes, int] = {}
                digests = (hashlib.blake2b(image.tobytes()).digest() for image in self.x)
                return np.array([first.setdefault(digest, len(first)) for digest in digests])
            if groups not in self.attributes:
                raise DataError(f"{self.name}: {unknown('attribute', groups, ['identical', *self.attributes])}")
            return self._groups(self.attributes[groups])
        values = self._per_image("groups", groups, np.asarray(groups).dtype)
        return np.unique(values, return_inverse=True)[1].astype(np.int64)


def check_classes(dataset: Dataset) -> Dataset:
    """Return the data set if an explanation can compare its classes: at least two, none of them empty.

    Parameters
    ----------
    dataset : Dataset
        What a loader has read.

    Raises
    ------
    DataError
        If there is one class only, or a class without an image.
    """
    counts = np.bincount(dataset.labels, minlength=len(dataset.classes))
    if np.count_nonzero(counts) < 2:
        raise DataError(
            f"{dataset.name}: every image is of class {dataset.classes[int(counts.argmax())]!r}, expected at least two "
            "classes: there is nothing to tell apart"
        )
    if not counts.all():
        empty = [name for name, count in zip(dataset.classes, counts, strict=True) if count == 0]
        raise DataError(
            f"{dataset.name}: class {empty[0]!r} has no image, expected at least one for each of the "
            f"{len(dataset.classes)} classes ({len(empty)} have none)"
        )
    return dataset


def grey_levels(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return bytes as float32, 0 to 1 in steps of 1/255.

    Parameters
    ----------
    pixels : ndarray of uint8
        Any shape.
    """
    return np.divide(pixels, 255, dtype=np.float32)


def existing(place: PathLike, what: str, kind: str = "folder") -> Path:
    """Return the path of a folder or file that exists, with ``~`` and environment variables filled in.

    Parameters
    ----------
    place : str or path
        As the user wrote it.
    what : str
        What it should hold, for the message.
    kind : {"folder", "file"}
        Which of the two it must be.

    Raises
    ------
    DataError
        If it is not there, or is not of that kind.
    """
    path = filled_in(place)
    if not path.exists():
        raise DataError(f"{what}: there is no {kind} {str(path)!r}")
    if path.is_dir() != (kind == "folder"):
        raise DataError(f"{what}: {str(path)!r} is a {'folder' if path.is_dir() else 'file'}, expected a {kind}")
    return path


def filled_in(place: PathLike) -> Path:
    """Return a path with ``~`` and environment variables filled in.

    Parameters
    ----------
    place : str or path
        As the user wrote it.
    """
    return Path(os.path.expanduser(os.path.expandvars(place)))


def unknown(kind: str, name: str, known: list[str]) -> str:
    """Return the words for a name that is not known, with the nearest that are.

    Parameters
    ----------
    kind : str
        What it should name, such as "data set".
    name : str
        What was given.
    known : list of str
        What could have been given.
    """
    near = get_close_matches(name, known) or known
    return f"no {kind} {name!r}; did you mean {' or '.join(near)}?"
