"""One form for every data set: images, labels, and whatever else is known of each image."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinynet import notebook
from tinynet.arguments import as_path, boolean, finite_number, generator, shown, unknown
from tinynet.classes import mend_of_labels
from tinynet.types import Array

PathLike = str | os.PathLike[str]
MOST_IMAGES = 10**7  # that are drawn at once
MOST_ROWS = 20  # classes that a table lists
PLANTED = "distinguishing"  # the mask and attribute of what is known to tell a class from the others


class DataError(ValueError):
    """A data set that cannot be used; the message says what is wrong, where, what was got and what was expected."""


@dataclass(frozen=True, eq=False, repr=False)
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
        Where each named part lies in each image (bool), such as the features that were planted in drawn faces.
    is_test : ndarray of shape (N,), optional
        The images that a published split keeps for testing.
    licence, citation, description : str
        Where the data come from and how they may be used.

    Raises
    ------
    DataError
        If there is no image, the arrays do not fit each other, a pixel is not a finite number, or a label names no
        class.

    Examples
    --------
    >>> from tinynet import datasets
    >>> data = datasets.load("letters:10")
    >>> data
    Dataset('letters': 30 images of 1 x 28 x 28, 3 classes)
    >>> data[data.labels == 2], data[:20]
    (Dataset('letters': 10 images of 1 x 28 x 28, 3 classes), Dataset('letters': 20 images of 1 x 28 x 28, 3 classes))
    >>> image, label = data[3]
    >>> image.shape, data.classes[label]
    ((1, 28, 28), 'E')
    >>> sum(label == 0 for image, label in data)
    10
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
        for text in ("name", "licence", "citation", "description"):
            if not isinstance(getattr(self, text), str):
                raise DataError(f"the {text} of a data set is {shown(getattr(self, text))}, expected text")
        for what in ("attributes", "masks"):
            named = getattr(self, what)
            if not isinstance(named, Mapping) or not all(isinstance(name, str) for name in named):
                raise DataError(f"{self.name}: {what} is {shown(named)}, expected arrays by their names")
        for what in ("x", "labels", "is_test"):
            if np.ma.is_masked(getattr(self, what)):
                raise DataError(f"{self.name}: {what} has masked values, expected none: fill them or leave them out")
        arrays = {
            "x": self._checked_images(),
            "classes": self._checked_classes(),
            "labels": self._checked_labels(),
            "attributes": {name: self._checked_attribute(name) for name in self.attributes},
            "masks": {name: self._checked_mask(name) for name in self.masks},
            "is_test": None if self.is_test is None else self._checked_split(),
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

    def _checked_classes(self) -> tuple[str, ...]:
        classes = () if isinstance(self.classes, str) or not np.iterable(self.classes) else tuple(self.classes)
        if not classes or not all(isinstance(name, str) for name in classes):
            raise DataError(f"{self.name}: classes is {shown(self.classes)}, expected the name of each class")
        for name in classes:
            if not name.strip():
                raise DataError(f"{self.name}: class {classes.index(name)} is called {name!r}, expected a name")
            if classes.count(name) > 1:
                raise DataError(f"{self.name}: two classes are called {name!r}, expected a name of its own for each")
        return tuple(str(name) for name in classes)

    def _checked_labels(self) -> NDArray[np.int64]:
        given, count = np.asarray(self.labels), len(self.classes)
        if given.dtype.kind not in "iu":
            mend = mend_of_labels(given, count)
            raise DataError(f"{self.name}: labels are of type {given.dtype}, expected whole numbers from 0{mend}")
        labels = self._per_image("labels", given, np.int64)
        wrong = np.flatnonzero((labels < 0) | (labels >= count))
        if len(wrong):
            raise DataError(
                f"{self.name}: image {wrong[0]} has the label {labels[wrong[0]]}, expected 0 to {count - 1} for "
                f"{count} classes ({len(wrong)} labels are out of range){mend_of_labels(labels, count)}"
            )
        return labels

    def _checked_attribute(self, name: str) -> NDArray[np.generic]:
        values = np.asarray(self.attributes[name])
        if values.dtype.kind == "O":
            raise DataError(f"{self.name}: attribute {name!r} holds Python objects, expected numbers, bool or text")
        return self._per_image(f"attribute {name!r}", values, values.dtype.newbyteorder("="))

    def _checked_mask(self, name: str) -> NDArray[np.bool_]:
        mask = np.asarray(self.masks[name])
        wanted = (len(self), *self.x.shape[2:])
        if mask.shape != wanted or mask.dtype != np.bool_:
            raise DataError(
                f"{self.name}: mask {name!r} is {mask.dtype} of the shape {mask.shape}, expected bool of {wanted}"
            )
        return mask

    def _checked_split(self) -> NDArray[np.bool_]:
        given = np.asarray(self.is_test)
        if given.dtype != np.bool_:
            raise DataError(f"{self.name}: is_test is of type {given.dtype}, expected True or False for each image")
        return self._per_image("is_test", given, np.bool_)

    def _per_image(self, what: str, values: ArrayLike, dtype: Any) -> Array:
        array = np.asarray(values)
        if array.shape != (len(self.x),):
            raise DataError(
                f"{self.name}: {what} has the shape {array.shape}, expected ({len(self.x)},): one value for each image"
            )
        return array.astype(dtype, copy=False)

    def __len__(self) -> int:
        return len(self.x)

    def __repr__(self) -> str:
        size = " x ".join(map(str, self.input_shape))
        images, classes = len(self), len(self.classes)
        many, kinds = "s" * (images > 1), "es" * (classes > 1)
        return f"Dataset({self.name!r}: {images} image{many} of {size}, {classes} class{kinds})"

    def _repr_html_(self) -> str:
        counts = np.bincount(self.labels, minlength=len(self.classes))
        shown = [*zip(self.classes, counts.tolist(), strict=True)]
        rest = len(shown) - MOST_ROWS
        rows = shown if rest <= 0 else [*shown[:MOST_ROWS], (f"and {rest} more", int(counts[MOST_ROWS:].sum()))]
        return notebook.table(repr(self).removeprefix("Dataset(").removesuffix(")"), ["class", "images"], rows)

    def __iter__(self) -> Iterator[tuple[NDArray[np.float32], int]]:
        """Go through the images, each with its label."""
        return zip(self.x, self.labels.tolist(), strict=True)

    @overload
    def __getitem__(self, index: int) -> tuple[NDArray[np.float32], int]: ...

    @overload
    def __getitem__(self, index: slice | ArrayLike) -> Dataset: ...

    def __getitem__(self, index: int | slice | ArrayLike) -> Dataset | tuple[NDArray[np.float32], int]:
        """Return the image of a number, with its label; or those of a slice, a list or a mask, as a data set."""
        if isinstance(index, slice):
            return self.take(np.arange(len(self))[index])
        if isinstance(index, (int, np.integer)) and not isinstance(index, bool):
            (row,) = self._rows([int(index)])
            return self.x[row], int(self.labels[row])
        return self.take(index)

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
            Which images: their numbers, or True or False for each.

        Raises
        ------
        DataError
            If it chooses no image, or one that is not there.
        """
        rows = self._rows(index)
        return replace(
            self,
            x=self._images(rows),
            labels=self.labels[rows],
            attributes={name: values[rows] for name, values in self.attributes.items()},
            masks={name: masks[rows] for name, masks in self.masks.items()},
            is_test=None if self.is_test is None else self.is_test[rows],
        )

    def _images(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return some images; of read-only ones, consecutive rows are not copied, for they may be a mapped file."""
        consecutive = not self.x.flags.writeable and np.array_equal(rows, np.arange(rows[0], rows[0] + len(rows)))
        return self.x[rows[0] : rows[0] + len(rows)] if consecutive and rows[0] >= 0 else self.x[rows]

    def labelled_by(self, attribute: str) -> Dataset:
        """Return the same images, their classes the values of an attribute.

        Parameters
        ----------
        attribute : str
            One of `attributes`. One that is there or not gives the classes "not NAME" and "NAME"; any other a class
            for each of its values, in order.

        Raises
        ------
        DataError
            If there is no such attribute; the message names the nearest.

        Examples
        --------
        >>> from tinynet import datasets
        >>> datasets.load("crowd:4").labelled_by("glasses").classes
        ('not glasses', 'glasses')
        """
        if attribute not in self.attributes:
            raise DataError(f"{self.name}: {unknown('attribute', str(attribute), list(self.attributes))}")
        values = self.attributes[attribute]
        if values.dtype == np.bool_:
            return replace(self, labels=values.astype(np.int64), classes=(f"not {attribute}", attribute))
        distinct, labels = np.unique(values, return_inverse=True)
        return replace(self, labels=labels.astype(np.int64), classes=tuple(str(value) for value in distinct))

    def _rows(self, index: ArrayLike) -> NDArray[np.int64]:
        """Return the numbers of the images of an index."""
        given, n = np.asarray(index), len(self)
        if given.dtype == np.bool_ and given.shape == (n,):
            given = np.flatnonzero(given)
        if given.size == 0 and given.ndim == 1:
            raise DataError(f"{self.name}: index chooses no image, expected at least one of {n}")
        if given.ndim != 1 or given.dtype.kind not in "iu":
            raise DataError(
                f"{self.name}: index is {shown(index)}, expected numbers of images, or True or False for each of {n}"
            )
        outside = given[(given < -n) | (given >= n)]
        if len(outside):
            raise DataError(f"{self.name}: index holds {outside[0]}, expected 0 to {n - 1} for {n} images")
        return given.astype(np.int64)

    def split(
        self,
        test: float | None = None,
        rng: int | np.random.Generator = 0,
        groups: str | ArrayLike | None = None,
        *,
        by_class: bool = False,
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
        by_class : bool
            Whether to split each class by itself (stratified): `test` is then rounded within the class, and a class of
            at least two images has one on each side. A class of one image is trained on.

        Returns
        -------
        train, test : Dataset
            In the order of the whole set; neither has a published split any more.

        Raises
        ------
        DataError
            If one of the sides would be empty, `groups` is not known, or groups are to be split by class.

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
            with data_errors(self.name):
                share = 0.25 if test is None else finite_number("test", test, above=0, below=1)
                if not boolean("by_class", by_class):
                    is_test = self._drawn_split(share, generator(rng), groups)
                elif groups is None:
                    is_test = self._split_by_class(share, generator(rng))
                else:
                    raise ValueError("by_class=True with groups: expected one of them, for a group may hold classes")
        if is_test.all() or not is_test.any():
            raise DataError(
                f"{self.name}: {len(self)} images would be split into {np.sum(~is_test)} to train on and "
                f"{np.sum(is_test)} to test on, expected at least one each: give another share, such as test=0.5"
            )
        unsplit = replace(self, is_test=None)
        return unsplit.take(~is_test), unsplit.take(is_test)

    def _drawn_split(self, share: float, rng: np.random.Generator, groups: str | ArrayLike | None) -> NDArray[np.bool_]:
        group_of_image = self._groups(groups)
        sizes = np.bincount(group_of_image)
        room = round(share * len(self))
        chosen = np.zeros(len(sizes), np.bool_)
        for group in rng.permutation(len(sizes)):
            if sizes[group] <= room:
                chosen[group] = True
                room -= sizes[group]
        return chosen[group_of_image]

    def _split_by_class(self, share: float, rng: np.random.Generator) -> NDArray[np.bool_]:
        is_test = np.zeros(len(self), np.bool_)
        for label in range(len(self.classes)):
            members = rng.permutation(np.flatnonzero(self.labels == label))
            count = min(max(round(share * len(members)), 1), len(members) - 1)
            is_test[members[: max(count, 0)]] = True
        return is_test

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
                raise DataError(f"{self.name}: groups: {unknown('attribute', groups, ['identical', *self.attributes])}")
            return _numbered(self.attributes[groups])
        values = np.asarray(groups)
        if values.dtype.kind not in "biuUS":
            raise DataError(f"{self.name}: groups is {shown(groups)}, expected a group's number or name for each image")
        return _numbered(self._per_image("groups", values, values.dtype))


def _numbered(values: Array) -> NDArray[np.int64]:
    """Return numbers, 0 upwards, that are the same where the values are."""
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
        If it is not there, or is not of that kind: pipes and devices are neither.
    """
    with data_errors(what):
        path = filled_in(as_path(kind, place))
    if os.path.isdir(path) if kind == "folder" else os.path.isfile(path):
        return path
    if not os.path.lexists(path):
        raise DataError(f"{what}: there is no {kind} {str(path)!r}")
    raise DataError(f"{what}: {str(path)!r} is {_kind(path)}, expected a {kind}")


def _kind(path: Path) -> str:
    """Return the words for what is at a path."""
    if not os.path.exists(path):
        return f"a link to {os.readlink(path)!r}, where there is nothing"
    return "a folder" if os.path.isdir(path) else "a file" if os.path.isfile(path) else "a pipe or device"


def check_file(path: Path) -> None:
    """Raise a DataError if a path is a link to nothing, a pipe or a device.

    Parameters
    ----------
    path : path
        Of an entry of a folder.
    """
    if not os.path.isfile(path):
        raise DataError(f"{str(path)!r} is {_kind(path)}, expected a file")


@contextmanager
def data_errors(what: str, file: Path | None = None) -> Iterator[None]:
    """Turn whatever is raised over wrong arguments or a damaged file into a DataError.

    Parameters
    ----------
    what : str
        What is read, which the message begins with.
    file : path, optional
        The file, which the message names; then not only ValueErrors count, but whatever a library raises over it.
    """
    try:
        yield
    except DataError as error:
        if file is None or str(file) in str(error):
            raise
        raise DataError(f"{what}: {str(file)!r}: {str(error).removeprefix(f'{what}: ')}") from error
    except Exception as error:
        if file is None and not isinstance(error, ValueError):
            raise
        system = getattr(error, "strerror", None)
        where = getattr(error, "filename", None)
        reason = " ".join(str(system or error).split()) or type(error).__name__
        if system and where and file is not None and str(where) != str(file):
            reason = f"{reason}: {str(where)!r}"
        if file is not None:
            reason = f"{str(file)!r} cannot be read{'' if system else ', it may be damaged or truncated'}: {reason}"
        raise DataError(f"{what}: {reason}") from error


def filled_in(place: PathLike) -> Path:
    """Return a path with ``~`` and environment variables filled in.

    Parameters
    ----------
    place : str or path
        As the user wrote it.
    """
    return Path(os.path.expanduser(os.path.expandvars(place)))
