"""What stops a law: a layer that breaks it, one of which it asks nothing, or another law that comes first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinynet.testing.report import Diagnosis, Worst
from tinynet.types import Array, Shape

FOREIGN = (Exception, SystemExit)  # what code of others may raise: it is told in a line, and ends no program of ours
ARGUMENTS = {"forward": ("x",), "backward": ("dy", "x", "y"), "grads": ("dy", "x", "y"), "target": ("t", "x", "y")}


class Broken(Exception):
    """A law does not hold; carries what was seen."""

    def __init__(
        self,
        detail: str,
        worst: Worst | None = None,
        shapes: dict[str, Shape] | None = None,
        diagnosis: Diagnosis | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail, self.worst, self.shapes, self.diagnosis = detail, worst, shapes or {}, diagnosis


class Raised(Broken):
    """The layer raised an exception."""


class NotApplicableError(Exception):
    """A law asks for something that the layer does not have."""


class NotCheckedError(Exception):
    """A law cannot be checked before another one is mended."""


def called(name: str, method: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a method of the layer returns, its exceptions put into words.

    Parameters
    ----------
    name : str
        Of the method.
    method : callable
        It.
    *arguments
        For it.

    Raises
    ------
    Raised
        If it raises.
    """
    try:
        with np.errstate(all="ignore"):
            return method(*arguments)
    except FOREIGN as error:  # a finding
        arrays = zip(ARGUMENTS.get(name, ()), arguments, strict=False)
        shapes = {argument: array.shape for argument, array in arrays if isinstance(array, np.ndarray)}
        raise Raised(f"{name} raised {type(error).__name__}: {error}", shapes=shapes) from error


def as_array(name: str, value: object) -> Array:
    """Return an array that a layer returned, and refuse anything else.

    Parameters
    ----------
    name : str
        Of the method.
    value : object
        What it returned.
    """
    if isinstance(value, np.generic):
        return np.asarray(value)
    if not isinstance(value, np.ndarray):
        hint = ": is there a return?" if value is None else ""
        raise Broken(f"{name} returned {_kind(value)}, expected an array{hint}")
    return value


def _kind(value: object) -> str:
    return "None" if value is None else f"a {type(value).__name__}"
