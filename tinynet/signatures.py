"""The signature is the contract: a public function refuses what its own annotations do not allow.

Every function of this library says in its signature what each argument is: ``net: Network``, ``layers: Sequence[str]``,
``batch_size: int``. Decorated with `checked`, it holds its callers to that, in one line that names the argument, what
was got and what was expected. Bounds, shapes and whatever depends on other arguments are checked inside.
"""

from __future__ import annotations

import os
import types
from collections.abc import Callable, Collection, Mapping
from functools import wraps
from inspect import signature, unwrap
from typing import Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

from tinynet.arguments import boolean, finite_number, instance, listed, real_array, whole_number, wrong

T = TypeVar("T", bound=Callable[..., Any])


class Kind(NamedTuple):
    """What an argument has to be: in words, of one and of many, and whether a value is it."""

    one: str
    many: str
    fits: Callable[[Any], bool]


class Numbers:
    """Stands for `ArrayLike` where signatures are read: real numbers in any form that NumPy makes an array of."""


def checked(function: T) -> T:
    """Make a function, or the constructor of a class, refuse arguments that are not what its annotations say.

    Parameters
    ----------
    function : callable
        With annotations; or a class.

    Returns
    -------
    callable
        The same function but for the check, or the same class.

    Notes
    -----
    An ``int`` is a whole number and no truth value; a ``float`` is finite; an ``ArrayLike`` holds real numbers, which
    may be NaN; a ``Sequence`` may be a list, a tuple or an array, but no text. NumPy's own numbers are numbers. The
    annotations are read at the first call, which costs a millisecond; a check costs a microsecond.

    Examples
    --------
    >>> @checked
    ... def repeated(word: str, times: int = 2) -> str:
    ...     return word * times
    >>> repeated("ab", np.int64(3))
    'ababab'
    >>> repeated("ab", 2.5)
    Traceback (most recent call last):
    ValueError: times is 2.5, expected a whole number
    """
    if isinstance(function, type):
        function.__init__ = checked(function.__init__)  # type: ignore[misc]
        return function
    parameters = [p for p in signature(function).parameters.values() if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    names = [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY]
    hints: dict[str, Any] = {}
    kinds: dict[str, Kind] = {}

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if not kinds:
            hints.update({p.name: _hint(p.annotation, function) for p in parameters if p.annotation is not p.empty})
            kinds.update({name: _kind(hint) for name, hint in hints.items()})
        for name, value in (*zip(names, args, strict=False), *kwargs.items()):
            if name in kinds and not kinds[name].fits(value):
                raise _refused(name, value, hints[name], kinds[name])
        return function(*args, **kwargs)

    return call  # type: ignore[return-value]


def _hint(annotation: Any, function: Callable[..., Any]) -> Any:
    """Return what an annotation means where a function stands; anything if only type checkers import its names."""
    of_one = types.SimpleNamespace(__annotations__={"it": annotation})
    try:
        return get_type_hints(of_one, unwrap(function).__globals__, {"ArrayLike": Numbers, "DTypeLike": Any})["it"]
    except NameError:
        return Any


def _refused(name: str, value: Any, hint: Any, kind: Kind) -> ValueError:
    """Return the error for an argument, with a hint where the mistake is a common one."""
    if isinstance(value, type) and isinstance(hint, type):
        try:
            instance(name, value, hint)
        except ValueError as error:
            return error
    if isinstance(value, str) and any(get_args(part)[:1] == (str,) for part in (hint, *get_args(hint))):
        return wrong(name, value, f"{kind.one}, such as [{value!r}]")
    return wrong(name, value, kind.one)


def _passes(check: Callable[..., Any]) -> Callable[[Any], bool]:
    """Return whether a checker of `tinynet.arguments` lets a value pass."""

    def fits(value: Any) -> bool:
        try:
            check("", value)
        except ValueError:
            return False
        return True

    return fits


def _is_numbers(value: Any) -> bool:
    return value.dtype.kind in "fiub" if isinstance(value, np.ndarray) else _real(value)


_real = _passes(real_array)
ANYTHING = Kind("anything", "values", lambda value: True)
PLAIN: dict[Any, Kind] = {
    type(None): Kind("None", "None", lambda value: value is None),
    bool: Kind("True or False", "truth values", _passes(boolean)),
    int: Kind("a whole number", "whole numbers", _passes(lambda what, value: whole_number(what, value, -(10**40)))),
    float: Kind("a finite number", "finite numbers", _passes(finite_number)),
    str: Kind("text", "names", lambda value: isinstance(value, str)),
    Numbers: Kind("an array of real numbers", "arrays of real numbers", _is_numbers),
}


def _kind(hint: Any) -> Kind:
    """Return what an annotation allows; anything for one that says nothing that can be checked."""
    if isinstance(hint, type) and hint in PLAIN:
        return PLAIN[hint]
    outer, inner = get_origin(hint), get_args(hint)
    if outer in (Union, types.UnionType):
        return _any_of([_kind(choice) for choice in inner])
    if outer is Literal:
        return Kind(listed([repr(choice) for choice in inner]), "choices", lambda value: value in inner)
    if outer is tuple:
        return _tuple_of(inner)
    kind: Any = outer or hint
    if not isinstance(kind, type) or kind in (Any, object) or getattr(kind, "_is_protocol", False):
        return ANYTHING
    if kind is np.ndarray:
        numbers = lambda value: isinstance(value, np.ndarray) and value.dtype.kind in "fiub"  # noqa: E731
        return Kind("an array of real numbers", "arrays of real numbers", numbers)
    if issubclass(kind, Mapping) and len(inner) == 2:
        return _mapping_of(kind, *map(_entry, inner))
    if issubclass(kind, Collection) and inner:
        return _list_of(_entry(inner[0]))
    if kind is Callable:
        return Kind("a function", "functions", callable)
    if issubclass(kind, os.PathLike):
        return Kind("a path", "paths", lambda value: isinstance(value, kind))
    name = kind.__name__
    one = f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"
    if kind is type:
        one = "a class"
    return Kind(one, f"{name}s", lambda value: isinstance(value, kind))


def _entry(hint: Any) -> Kind:
    """Return what an entry has to be; an entry with entries is judged where it is used, which tells of it exactly."""
    kind = _kind(hint)
    return kind if get_origin(hint) in (None, np.ndarray) else kind._replace(fits=ANYTHING.fits)


def _any_of(kinds: list[Kind]) -> Kind:
    ones, many = (list(dict.fromkeys(words)) for words in ([k.one for k in kinds], [k.many for k in kinds]))
    return Kind(listed(ones), listed(many), lambda value: any(kind.fits(value) for kind in kinds))


def _is_list(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.ndim > 0
    return isinstance(value, Collection) and not isinstance(value, (str, bytes, Mapping))


def _list_of(item: Kind) -> Kind:
    def fits(value: Any) -> bool:
        return _is_list(value) and all(item.fits(entry) for entry in value)

    return Kind(f"a list of {item.many}", f"lists of {item.many}", fits)


def _tuple_of(inner: tuple[Any, ...]) -> Kind:
    if len(inner) == 2 and inner[1] is ...:
        return _list_of(_entry(inner[0]))
    items = [_kind(hint) for hint in inner]
    if len(items) == 2:
        one, many = (f"{word} of {items[0].one} and {items[1].one}" for word in ("a pair", "pairs"))
    else:
        one, many = (f"{word} of {', '.join(item.one for item in items)}" for word in ("a tuple", "tuples"))

    def fits(value: Any) -> bool:
        return (
            _is_list(value)
            and len(value) == len(items)
            and all(item.fits(entry) for item, entry in zip(items, value, strict=True))
        )

    return Kind(one, many, fits)


def _mapping_of(kind: Any, key: Kind, value: Kind) -> Kind:
    def fits(given: Any) -> bool:
        return isinstance(given, kind) and all(key.fits(k) and value.fits(v) for k, v in given.items())

    return Kind(f"a mapping from {key.many} to {value.many}", "mappings", fits)
