"""Which floats a kernel computes with, and what becomes of numbers that are too small for them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, TypeVar

import numpy as np
from numpy.typing import DTypeLike

Function = TypeVar("Function", bound=Callable[..., Any])

USUAL = (np.dtype(np.float32), np.dtype(np.float64))  # in a tuple, each is first compared by identity
_vanish: ContextVar[bool] = ContextVar("numbers vanish silently", default=False)


def underflow_is_meant(function: Function) -> Function:
    """Make a function let numbers vanish silently, and so all that it calls.

    Notes
    -----
    A user who asks NumPy to raise at underflow does not mean the probabilities of a network that is sure. To tell NumPy
    takes as long as to add up a thousand numbers, so it is told once for a whole walk through a network, and each
    kernel on the way finds that it was.
    """

    @functools.wraps(function)
    def silent(*arguments: Any, **settings: Any) -> Any:
        if _vanish.get():
            return function(*arguments, **settings)
        told = _vanish.set(True)
        try:
            with np.errstate(under="ignore"):
                return function(*arguments, **settings)
        finally:
            _vanish.reset(told)

    return silent  # type: ignore[return-value]


def at_least_single(kernel: Function) -> Function:
    """Make a function of arrays work in float32 at least, whatever the arrays hold, and let numbers vanish silently.

    Parameters
    ----------
    kernel : callable
        From arrays, and whatever else, to an array.

    Notes
    -----
    Half precision is a way to store numbers: the answer is rounded to it once, at the end, where sums and exponentials
    on the way would overflow at 65,504. Pixels of whole numbers would wrap around.
    """
    silent = underflow_is_meant(kernel)

    @functools.wraps(kernel)
    def careful(*arguments: Any, **settings: Any) -> Any:
        for value in arguments:
            if isinstance(value, np.ndarray) and value.dtype not in USUAL:
                return widened(*arguments, **settings)
        return (kernel if _vanish.get() else silent)(*arguments, **settings)

    @underflow_is_meant
    def widened(*arguments: Any, **settings: Any) -> Any:
        result = kernel(*[as_floats(value, np.float32) for value in arguments], **settings)
        is_half = all(value.dtype == np.float16 for value in arguments if isinstance(value, np.ndarray))
        return result.astype(np.float16) if is_half else result

    return careful  # type: ignore[return-value]


def as_floats(value: Any, least: DTypeLike = np.float16) -> Any:
    """Return an array of whole numbers as floats of 32 bits, or 64 if they take that many; other floats as they are.

    Parameters
    ----------
    value : object
        Such as an image of uint8; what is no array is returned as it is.
    least : dtype
        Which floats are too short, and are made float32 too.
    """
    if not isinstance(value, np.ndarray) or (value.dtype.kind == "f" and value.itemsize >= np.dtype(least).itemsize):
        return value
    return value.astype(np.result_type(value.dtype, np.float32))
