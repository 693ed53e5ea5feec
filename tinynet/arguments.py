"""One clear error for a wrong argument: what it is, what was got, what was expected.

Every public function takes its numbers, names and generators through these, so that NumPy's own numbers are numbers
everywhere, truth values are never taken for numbers, and all errors read alike.
"""

from __future__ import annotations

import math
import numbers
import os
from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from tinynet.foreign_names import ARGUMENTS, written_here
from tinynet.types import Array

T = TypeVar("T")
MOST_TIMES = 10**6  # that anything is drawn, taken or repeated
SHOWN = 60  # characters of a value in a message


def shown(value: object) -> str:
    """Return a value as an error message shows it: arrays by type and shape, anything long cut short.

    Parameters
    ----------
    value : object

    Examples
    --------
    >>> shown("zero"), shown(np.zeros((2, 3)))
    ("'zero'", 'an array of float64 of shape (2, 3)')
    """
    if isinstance(value, np.ndarray) and value.ndim:
        return f"an array of {value.dtype} of shape {value.shape}"
    if isinstance(value, np.generic):
        value = value.item()
    try:
        words = " ".join(repr(value).split())
    except Exception:
        words = f"a {type(value).__name__}"
    return words if len(words) <= SHOWN else f"{words[: SHOWN - 4]} ..."


def wrong(what: str, value: object, expected: str) -> ValueError:
    """Return the error that says what an argument is and what was expected.

    Parameters
    ----------
    what : str
        What the user calls the argument.
    value : object
        What was got.
    expected : str

    Examples
    --------
    >>> print(wrong("epochs", -1, "a whole number of at least 1"))
    epochs is -1, expected a whole number of at least 1
    """
    return ValueError(f"{what} is {shown(value)}, expected {expected}")


def whole_number(what: str, value: object, least: int | None = 1, most: int | None = None) -> int:
    """Return a whole number, NumPy's own too, as an int.

    Parameters
    ----------
    what : str
        What the user calls the argument.
    value : object
    least, most : int, optional
        Bounds, both allowed.

    Raises
    ------
    ValueError
        If it is no whole number (3.0 and True are none), or out of bounds.

    Examples
    --------
    >>> whole_number("epochs", np.int64(3))
    3
    """
    bounds = "" if least is None else f" of at least {least}" if most is None else f" from {least} to {most}"
    number: Any = value.item() if isinstance(value, np.ndarray) and value.ndim == 0 else value
    is_number = isinstance(number, (int, np.integer)) and not isinstance(number, (bool, np.bool_))
    found = int(number) if is_number else None
    if found is None or (least is not None and found < least) or (most is not None and found > most):
        raise wrong(what, value, f"a whole number{bounds}")
    return found


def how_often(what: str, value: object, least: int = 1) -> int:
    """Return how often something is to be done: a whole number, as far as anybody waits for it.

    Parameters
    ----------
    what : str
        What the user calls the argument.
    value : object
    least : int
        The bound below, allowed itself.

    Raises
    ------
    ValueError
        If it is no whole number, below the bound, or above `MOST_TIMES`.
    """
    return whole_number(what, value, least, MOST_TIMES)


def finite_number(
    what: str,
    value: object,
    *,
    least: float | None = None,
    above: float | None = None,
    most: float | None = None,
    below: float | None = None,
) -> float:
    """Return a finite real number, NumPy's own too, as a float.

    Parameters
    ----------
    what : str
        What the user calls the argument.
    value : object
    least, most : float, optional
        Bounds that are allowed themselves.
    above, below : float, optional
        Bounds that are not.

    Raises
    ------
    ValueError
        If it is no finite number, or out of bounds.

    Examples
    --------
    >>> finite_number("rate", np.float32(0.5), above=0)
    0.5
    """
    bounds = [
        text
        for bound, text in (
            (least, f"at least {least}"),
            (above, f"above {above}"),
            (most, f"at most {most}"),
            (below, f"below {below}"),
        )
        if bound is not None
    ]
    expected = " ".join(["a finite number", " and ".join(bounds)]).rstrip()
    number = value.item() if isinstance(value, (np.ndarray, np.generic)) and np.ndim(value) == 0 else value
    if isinstance(number, bool) or not isinstance(number, numbers.Real):
        raise wrong(what, value, expected)
    try:
        found = float(number)
    except OverflowError:
        found = math.inf
    inside = (
        math.isfinite(found)
        and (least is None or found >= least)
        and (above is None or found > above)
        and (most is None or found <= most)
        and (below is None or found < below)
    )
    if not inside:
        raise wrong(what, value, expected)
    return found


def plain_array(what: str, value: object, expected: str) -> Array:
    """Return whatever NumPy makes of a value, unless it hides some: what is masked stands there all the same.

    Parameters
    ----------
    what : str
        What the user calls the argument.
    value : array_like
    expected : str
        For the message.

    Raises
    ------
    ValueError
        If it is of no one shape, or has masked entries.

    Examples
    --------
    >>> plain_array("labels", np.ma.array([0, 1], mask=[False, True]), "one integer an image")
    Traceback (most recent call last):
    ValueError: labels has masked values, expected one integer an image and none masked: fill them or leave them out
    """
    if is_data_set(value):
        raise ValueError(f"{what} is a whole data set, expected {expected}: write data.x, or data.labels")
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):  # rows of different lengths, for one
        raise wrong(what, value, expected) from None
    if np.ma.is_masked(value):
        raise ValueError(f"{what} has masked values, expected {expected} and none masked: fill them or leave them out")
    return array


def is_data_set(value: object) -> bool:
    """Return whether something holds images and their labels together, as data sets do.

    Parameters
    ----------
    value : object
    """
    return hasattr(value, "x") and hasattr(value, "labels")


def real_array(what: str, value: object, shape: Sequence[str | int] | None = None) -> Array:
    """Return an array of real numbers, which may be NaN.

    Parameters
    ----------
    what : str
        What the user calls the argument.
    value : array_like
    shape : sequence of str or int, optional
        The length of each axis, or a word for one of any length; "..." in front stands for any number of axes.

    Raises
    ------
    ValueError
        If it holds anything else, such as None, text or complex numbers, is of no one shape, or of another.

    Examples
    --------
    >>> real_array("maps", np.zeros((2, 3)), ("N", "H", "W"))
    Traceback (most recent call last):
    ValueError: maps is an array of float64 of shape (2, 3), expected an array of real numbers of shape (N, H, W)
    """
    return _array(what, value, "fiub", "real numbers", shape)


def whole_array(
    what: str,
    value: object,
    least: int | None = None,
    shape: Sequence[str | int] | None = None,
    most: int | None = None,
) -> Array:
    """Return an array of whole numbers.

    Parameters
    ----------
    what : str
        What the user calls the argument.
    value : array_like
    least : int, optional
        The smallest that is allowed.
    shape : sequence of str or int, optional
        As in `real_array`.
    most : int, optional
        The largest that is allowed.

    Raises
    ------
    ValueError
        If it holds anything else, such as truth values or fractions, or is of another shape.
    """
    array = _array(what, value, "iu", "whole numbers", shape)
    if least is not None and array.size and array.min() < least:
        raise ValueError(f"{what} holds {array.min()}, expected whole numbers of at least {least}")
    if most is not None and array.size and array.max() > most:
        raise ValueError(f"{what} holds {array.max()}, expected whole numbers of at most {most}")
    return array


def truth_array(what: str, value: object, shape: Sequence[str | int] | None = None) -> NDArray[np.bool_]:
    """Return an array of truth values.

    Parameters
    ----------
    what : str
        What the user calls the argument.
    value : array_like
        Truth values, or the numbers 0 and 1.
    shape : sequence of str or int, optional
        As in `real_array`.

    Raises
    ------
    ValueError
        If it holds anything else, such as 0.5, or is of another shape.
    """
    array = _array(what, value, "fiub", "True and False", shape)
    if not np.isin(array, (0, 1)).all():
        raise wrong(what, value, "an array of True and False")
    return array.astype(bool, copy=False)


def _array(what: str, value: object, kinds: str, of: str, shape: Sequence[str | int] | None) -> Array:
    expected = f"an array of {of}"
    array = plain_array(what, value, expected)
    is_empty_list = array.dtype.kind == "f" and not array.size
    if array.dtype.kind not in kinds and not is_empty_list:
        raise wrong(what, value, expected)
    if shape is not None:
        axes = shape[1:] if shape[0] == "..." else shape
        last = array.shape[array.ndim - len(axes) :] if array.ndim >= len(axes) else ()
        same = all(isinstance(axis, str) or axis == length for axis, length in zip(axes, last, strict=False))
        if len(last) != len(axes) or not same or (len(axes) == len(shape) and array.ndim != len(axes)):
            listed_axes = ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "")
            raise wrong(what, array, f"{expected} of shape ({listed_axes})")
    return array


def finite_array(
    what: str, value: object, dtype: DTypeLike | None = None, shape: Sequence[str | int] | None = None
) -> Array:
    """Return an array of finite real numbers.

    Parameters
    ----------
    what : str
        What the user calls the argument.
    value : array_like
    dtype : dtype, optional
        Floating-point type to bring it to; its own if not given.
    shape : sequence of str or int, optional
        As in `real_array`.

    Raises
    ------
    ValueError
        If it holds anything else, NaN and infinity among it, or numbers that `dtype` cannot hold.

    Examples
    --------
    >>> finite_array("start", [0.5, None])
    Traceback (most recent call last):
    ValueError: start is [0.5, None], expected an array of real numbers
    """
    array = real_array(what, value, shape)
    check_finite(what, array, dtype)
    with np.errstate(under="ignore"):
        return array if dtype is None else array.astype(dtype, copy=False)


def check_finite(what: str, array: Array, dtype: DTypeLike | None = None) -> None:
    """Raise if an array of numbers holds NaN, infinity or what a type cannot hold.

    Parameters
    ----------
    what : str
        What the user calls the argument.
    array : ndarray
    dtype : dtype, optional
        The type that it will be brought to.

    Raises
    ------
    ValueError
        Naming the first such value and its place.
    """
    if dtype is None or array.dtype == dtype:
        finite = np.isfinite(array)
    else:
        with np.errstate(over="ignore", under="ignore"):
            finite = np.isfinite(array.astype(dtype))
    if not finite.all():
        place = tuple(np.argwhere(~finite)[0].tolist())
        where = f" at {', '.join(map(str, place))}" if place else ""
        expected = f"a number that {np.dtype(dtype)} can hold" if np.isfinite(array[place]) else "a finite number"
        raise ValueError(f"{what} is {array[place]}{where}, expected {expected}")


def boolean(what: str, value: object) -> bool:
    """Return a truth value, NumPy's own too, as a bool.

    Parameters
    ----------
    what : str
        What the user calls the argument.
    value : object

    Raises
    ------
    ValueError
        If it is anything else, such as 1 or "yes".
    """
    if not isinstance(value, (bool, np.bool_)):
        raise wrong(what, value, "True or False")
    return bool(value)


def text(what: str, value: object) -> str:
    """Return a text.

    Parameters
    ----------
    what : str
        What the user calls the argument.
    value : object

    Raises
    ------
    ValueError
        If it is anything else.
    """
    if not isinstance(value, str):
        raise wrong(what, value, "text")
    return value


def as_path(what: str, value: object) -> Path:
    """Return a path.

    Parameters
    ----------
    what : str
        What the user calls the argument.
    value : object

    Raises
    ------
    ValueError
        If it is no text or path, empty, or holds a null character.
    """
    try:
        name = os.fspath(value)  # type: ignore[call-overload]
    except TypeError:
        name = ""
    if not isinstance(name, str) or not name or "\0" in name:
        raise wrong(what, value, "the path of a file")
    return Path(name)


def one_of(what: str, value: Any, choices: Collection[str]) -> str:
    """Return a name that is one of some.

    Parameters
    ----------
    what : str
        What the user calls the argument.
    value : object
    choices : collection of str

    Raises
    ------
    ValueError
        If it is none of them; the message names the nearest.

    Examples
    --------
    >>> one_of("norm", "frobenus", ["frobenius", "max", "l1"])
    Traceback (most recent call last):
    ValueError: norm is 'frobenus', expected frobenius, max or l1; did you mean frobenius?
    """
    if isinstance(value, str) and value in choices:
        return value
    near = nearest(value, choices)[:1]
    hint = f"; did you mean {near[0]}?" if near else ""
    raise wrong(what, value, f"{listed(list(choices))}{hint}")


def unknown(kind: str, name: object, known: Collection[str]) -> str:
    """Return the words for a name that is not known, with the nearest that are, or all of them.

    Parameters
    ----------
    kind : str
        What it should name, such as "layer".
    name : object
        What was given.
    known : collection of str
        What could have been given.

    Examples
    --------
    >>> unknown("layer", "tahn1", ["conv1", "tanh1"])
    "no layer 'tahn1'; did you mean tanh1?"
    >>> unknown("layer", 3, ["conv1", "tanh1"])
    'no layer 3; there are conv1 and tanh1'
    """
    near = nearest(name, known)
    if near:
        return f"no {kind} {shown(name)}; did you mean {listed(near)}?"
    return f"no {kind} {shown(name)}; {there_are(list(known))}"


def there_are(names: Sequence[str]) -> str:
    """Return a sentence that lists names, of which there may be none.

    Parameters
    ----------
    names : sequence of str

    Examples
    --------
    >>> there_are([]), there_are(["a"]), there_are(["a", "b", "c"])
    ('there is none', 'there is a', 'there are a, b and c')
    """
    return f"there {'is' if len(names) < 2 else 'are'} {listed(names, 'and') if names else 'none'}"


def nearest(name: object, known: Iterable[str]) -> list[str]:
    """Return the one that another library's name stands for, or those that are written much like it, nearest first.

    Parameters
    ----------
    name : object
        What was given; nothing is like what is no text.
    known : iterable of str

    Examples
    --------
    >>> nearest("val_loss", ["loss", "validation_loss"]), nearest("los", ["loss", "validation_loss"])
    (['validation_loss'], ['loss'])
    """
    if not isinstance(name, str):
        return []
    names, meant = list(known), ARGUMENTS.get(name)
    return [meant] if meant in names else get_close_matches(name, names)


def instance(what: str, value: object, kind: type[T]) -> T:
    """Return an object that is one of a class.

    Parameters
    ----------
    what : str
        What the user calls the argument.
    value : object
    kind : type

    Raises
    ------
    ValueError
        If it is anything else, such as the class itself.

    Examples
    --------
    >>> instance("numbers", dict, dict)
    Traceback (most recent call last):
    ValueError: numbers is the class dict, expected a dict: call it, as in dict(...)
    >>> instance("loss", "mse", dict)
    Traceback (most recent call last):
    ValueError: loss is 'mse', expected a dict: in tinynet write tn.MeanSquaredError()
    """
    if isinstance(value, kind):
        return value
    expected = f"{'an' if kind.__name__[0] in 'AEIOU' else 'a'} {kind.__name__}"
    if isinstance(value, str) and written_here(value):
        expected += f": in tinynet write {written_here(value)}"
    if isinstance(value, type) and issubclass(value, kind):
        name = value.__name__
        raise ValueError(f"{what} is the class {name}, expected {expected}: call it, as in {name}(...)")
    raise wrong(what, value, expected)


def listed(names: Sequence[str], last: str = "or") -> str:
    """Return names as a sentence lists them: "a, b or c".

    Parameters
    ----------
    names : sequence of str
    last : str
        The word in front of the last one.
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"


def generator(rng: object, what: str = "rng") -> np.random.Generator:
    """Return a random generator from a seed, or the generator that was given.

    Parameters
    ----------
    rng : int or numpy.random.Generator
    what : str
        What the user calls the argument.

    Raises
    ------
    ValueError
        If it is neither: `None` would give other numbers each time.
    """
    if isinstance(rng, np.random.Generator):
        return rng
    if isinstance(rng, (int, np.integer)) and not isinstance(rng, (bool, np.bool_)) and rng >= 0:
        return np.random.default_rng(int(rng))
    raise wrong(what, rng, "a whole number of at least 0 or a numpy.random.Generator")
