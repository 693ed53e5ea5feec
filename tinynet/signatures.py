"""The signature is the contract: a public function refuses what its own annotations do not allow.

Every function of this library says in its signature what each argument is: ``net: Network``, ``layers: Sequence[str]``,
``batch_size: int``. Type checkers hold our own code to that; decorated with `checked`, a function holds everybody to
it, by the checkers of `tinynet.arguments`. Left to the function are bounds, shapes and what depends on others, and
arguments of several forms, such as ``int | ArrayLike``, or with entries that have entries: it has to tell those apart
anyway, and can say more about them.
"""

from __future__ import annotations

import os
import types
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial, wraps
from inspect import Parameter, signature, unwrap
from typing import Any, TypeVar, Union, get_args, get_origin

import numpy as np

from tinynet.arguments import (
    as_path,
    boolean,
    finite_number,
    instance,
    is_data_set,
    nearest,
    real_array,
    text,
    there_are,
    whole_number,
    wrong,
)
from tinynet.foreign_names import ARGUMENTS, IN_ORDER

T = TypeVar("T", bound=Callable[..., Any])
Check = Callable[[str, Any], object]


class Numbers:
    """Stands for ``ArrayLike`` where annotations are read: real numbers in any form that NumPy makes an array of."""


def hinting(function: T) -> T:
    """Make a function say what to write instead, where it is called with arguments that it does not take.

    Parameters
    ----------
    function : callable
        Or a class, of which its ``__init__`` says so.

    Examples
    --------
    >>> @hinting
    ... def step(rate: float) -> float:
    ...     return rate
    >>> step(lr=0.1)
    Traceback (most recent call last):
    TypeError: step: no argument 'lr'; in tinynet write rate
    """
    if isinstance(function, type):
        function.__init__ = hinting(function.__init__)  # type: ignore[misc]
        return function

    name = function.__qualname__.removesuffix(".__init__").rpartition(".")[2]

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except TypeError:
            misfit = misfit_of(name, function, args, kwargs)
            if not misfit:
                raise
        raise TypeError(misfit)

    return call  # type: ignore[return-value]


def misfit_of(name: str, function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
    """Return why a function cannot be called with some arguments, and what to write instead; nothing if it can.

    Parameters
    ----------
    name : str
        What the user calls it.
    function : callable
    args : sequence
        What it is given in order.
    kwargs : mapping
        And by name.
    """
    try:
        signature(function).bind(*args, **kwargs)
        return ""
    except TypeError as error:
        problem = str(error)
    known = [parameter for parameter in signature(function).parameters if parameter != "self"]
    foreign = [key for key in kwargs if key not in known]
    if foreign:
        problem = f"no argument {foreign[0]!r}"
        mend = ARGUMENTS.get(foreign[0], "")
        word = mend.partition("=")[0]
        if not mend or (word.isidentifier() and word not in known):  # known elsewhere, but not asked for here
            mend = "".join(nearest(foreign[0], known)[:1])
        hint = f"; in tinynet write {mend}" if mend else f"; {there_are(known)}"
    elif any(is_data_set(value) for value in args):
        hint = "; of a data set write data.x, data.labels"
    else:
        hint = f"; in tinynet write {IN_ORDER[name]}" if name in IN_ORDER else ""
    return f"{name}: {problem}{hint}"


def checked(function: T) -> T:
    """Make a function refuse arguments that are not what its annotations say.

    Parameters
    ----------
    function : callable
        With annotations; or a class, which is held to those of its ``__init__``.

    Returns
    -------
    callable
        The same function but for the check.

    Notes
    -----
    An ``int`` is a whole number and no truth value; a ``float`` is finite; an ``ArrayLike`` holds real numbers, which
    may be NaN; a ``Sequence`` may be a list, a tuple or an array, but no text; ``str | os.PathLike`` is a path. NumPy's
    own numbers are numbers.
    Annotations are read at the first call; from then on a call costs some microseconds more.

    Examples
    --------
    >>> @checked
    ... def repeated(word: str, times: int = 2) -> str:
    ...     return word * times
    >>> repeated("ab", 2.5)
    Traceback (most recent call last):
    ValueError: times is 2.5, expected a whole number
    """
    if isinstance(function, type):
        function.__init__ = checked(function.__init__)  # type: ignore[misc]
        return function
    parameters = signature(function).parameters
    by_place = [name for name, parameter in parameters.items() if parameter.kind is not Parameter.KEYWORD_ONLY]
    checks: dict[str, Check] = {}

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if not checks:
            checks.update((name, _check(_meaning(p.annotation, function))) for name, p in parameters.items())
        for name, value in (*zip(by_place, args, strict=False), *kwargs.items()):
            if name in checks:
                checks[name](name, value)
        return function(*args, **kwargs)

    return hinting(call)  # type: ignore[return-value]


def _meaning(annotation: Any, function: Callable[..., Any]) -> Any:
    """Return what an annotation means where a function stands; anything if only type checkers import its names."""
    if not isinstance(annotation, str):
        return Any if annotation is Parameter.empty else annotation
    try:
        return eval(annotation, unwrap(function).__globals__, {"ArrayLike": Numbers})
    except NameError:
        return Any


def _check(hint: Any) -> Check:
    """Return what checks an argument: one thing, or a list or mapping of such."""
    outer, inner = get_origin(hint), get_args(hint)
    if outer in (Union, types.UnionType):
        forms = [form for form in inner if form is not type(None)]
        is_path = {get_origin(form) or form for form in forms} == {str, os.PathLike}
        check = as_path if is_path else _check(forms[0]) if len(forms) == 1 else _anything
        return partial(_unless_none, check) if len(forms) < len(inner) else check
    if not isinstance(outer, type) or outer in CHECKS or not issubclass(outer, Collection):
        return _check_one(hint)
    entry, more = (inner[1] if issubclass(outer, Mapping) else inner[0]), get_origin(inner[-1])
    if (more and more not in CHECKS) or (outer is tuple and len({*inner} - {...}) > 1):
        return _anything
    if issubclass(outer, Mapping):
        return partial(_values, _check_one(entry))
    if (get_origin(entry) or entry) in (Numbers, np.ndarray):  # which may be on disk
        return _anything
    return partial(_entries, _check_one(entry), count=len(inner) if outer is tuple and inner[-1] is not ... else None)


def _check_one(hint: Any) -> Check:
    """Return what checks a single thing."""
    kind = get_origin(hint) or hint
    if kind in CHECKS:
        return CHECKS[kind]
    return partial(_instance, kind) if isinstance(kind, type) and kind not in (Any, object, type) else _anything


def _anything(what: str, value: object) -> None:
    """Let everything pass."""


def _instance(kind: type, what: str, value: object) -> None:
    instance(what, value, kind)


def _function(what: str, value: object) -> None:
    if not callable(value):
        raise wrong(what, value, "a function")


def _unless_none(check: Check, what: str, value: object) -> None:
    if value is not None:
        check(what, value)


def _entries(check: Check, what: str, value: Any, count: int | None = None) -> None:
    """Check a list, a tuple or an array of entries, which may be told to be so many."""
    expected = "a list" if count is None else f"{count} of them"
    if isinstance(value, str):
        raise wrong(what, value, f"{expected}, such as {[value] * (count or 1)}")
    is_list = value.ndim > 0 if isinstance(value, np.ndarray) else isinstance(value, Collection)
    if not is_list or isinstance(value, (bytes, Mapping)) or (count is not None and len(value) != count):
        raise wrong(what, value, expected)
    for place, entry in enumerate(value):
        check(f"{what}[{place}]", entry)


def _values(check: Check, what: str, value: Any) -> None:
    """Check a mapping by names."""
    if not isinstance(value, Mapping):
        raise wrong(what, value, "a mapping by names, such as a dict")
    for key, entry in value.items():
        text(f"a key of {what}", key)
        check(f"{what}[{key!r}]", entry)


CHECKS: dict[Any, Check] = {
    bool: boolean,
    int: partial(whole_number, least=None),
    float: finite_number,
    str: text,
    Numbers: real_array,
    np.ndarray: real_array,
    Callable: _function,
}
