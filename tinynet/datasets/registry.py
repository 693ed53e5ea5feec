"""The data sets by name: what ``--data`` takes."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tinynet.arguments import shown, unknown
from tinynet.datasets.dataset import DataError, Dataset, filled_in
from tinynet.datasets.drawn import digits, faces, letters, muffins
from tinynet.datasets.drawn.faces import crowd
from tinynet.datasets.read import celeba, folder, mnist, npz, usps, yale


@dataclass(frozen=True)
class Source:
    """Where a data set comes from.

    Parameters
    ----------
    usage : str
        How to write it, such as ``"yale:DIR"``; what stands in brackets may be left out.
    description, licence, citation : str
        What it holds and how it may be used.
    open : callable
        Takes what stands after the colon, and options; returns the Dataset.
    """

    usage: str
    description: str
    licence: str
    citation: str
    open: Callable[..., Dataset]

    @property
    def name(self) -> str:
        """What stands before the colon."""
        return self.usage.partition(":")[0].rstrip("[")


SOURCES = {
    source.name: source
    for source in (
        Source(module.USAGE, module.DESCRIPTION, module.LICENCE, module.CITATION, module.load)
        for module in (faces, crowd, digits, letters, muffins, yale, celeba, mnist, usps, folder, npz)
    )
}


def load(spec: str, **options: Any) -> Dataset:
    """Return a data set by name.

    Parameters
    ----------
    spec : str
        A name and what belongs to it: ``"faces"``, ``"digits"``, ``"digits:5000"``, ``"letters"``, ``"muffins"``,
        ``"yale:DIR"``, ``"mnist:DIR"``, ``"usps:DIR"``, ``"folder:DIR"`` or ``"npz:FILE"``. ``~`` and environment
        variables are filled in.
    **options
        Of the `load` of the data set's module, such as ``seed=1`` or ``size=(64, 64)``.

    Returns
    -------
    Dataset
        Its images, labels and whatever else is known of them.

    Raises
    ------
    DataError
        If there is no such data set, it takes no such option, or it cannot be read.

    Examples
    --------
    >>> from tinynet import datasets
    >>> digits = datasets.load("digits:50")
    >>> len(digits), digits.input_shape
    (50, (1, 28, 28))
    """
    if not isinstance(spec, str):
        raise DataError(f"spec is {shown(spec)}, expected the name of a data set")
    name, _, place = spec.partition(":")
    if name not in SOURCES:
        raise DataError(unknown("data set", name, list(SOURCES)) + _as_a_path(spec))
    taken = inspect.signature(SOURCES[name].open).parameters
    for option in options:
        if option not in taken:
            raise DataError(f"{name}: takes no {option}, which {_takers(option)}")
    return SOURCES[name].open(*_arguments(SOURCES[name], place), **options)


def _takers(option: str) -> str:
    takers = [name for name, source in SOURCES.items() if option in inspect.signature(source.open).parameters]
    if len(takers) < 2:
        return f"{takers[0]} takes" if takers else "no data set takes"
    return f"{', '.join(takers[:-1])} and {takers[-1]} take"


def catalogue() -> list[Source]:
    """Return every data set: its name, how to write it, what it holds, its licence and its citation."""
    return list(SOURCES.values())


def _arguments(source: Source, place: str) -> tuple[str | int, ...]:
    """Return what stands after the colon as the arguments of the source's `load`."""
    wanted = source.usage.removeprefix(source.name).strip("[:]")
    if wanted in ("DIR", "FILE"):
        if not place:
            what = "folder" if wanted == "DIR" else "file"
            raise DataError(f"{source.name}: no {what} is given, write {source.usage}, such as {source.name}:~/data")
        return (place,)
    if not place:
        return ()
    if not wanted:
        raise DataError(f"{source.name}: {place!r} follows the colon, expected {source.name} alone")
    if not (place.isascii() and place.isdecimal() and len(place) < 12 and int(place) >= 1):
        wanted = "a whole number of at least 1, with up to 11 digits"
        raise DataError(f"{source.name}: {shown(place)} follows the colon, expected {wanted}")
    return (int(place),)


def _as_a_path(spec: str) -> str:
    """Return how to write what is no name but the path of a folder or a file; nothing if there is no such path."""
    path = filled_in(spec) if spec and "\0" not in spec else ""
    if os.path.isdir(path):
        return f" For a folder of your own pictures write folder:{spec}"
    return f" For a file of arrays write npz:{spec}" if os.path.isfile(path) else ""
