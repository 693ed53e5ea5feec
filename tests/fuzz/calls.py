"""Wrong calls: each public function with right arguments but one.

To register a function, put a `Call` into the list of a file of ``tests/fuzz/rooms/``, whose name is the room::

    CALLS = [
        Call(tn.class_gradient, {"net": net, "x": images, "labels": labels, "of": "logit"}),
        Call(tn.fit, {...}, fine={"epochs": "NaN"}, called={"x": "images"}),
    ]

A call must work as it stands. What it does not give is taken from the function's defaults. Each argument is then
replaced by whatever is wrong for a value of its kind (`wrong_values`). That is answered well if a ValueError or
TypeError names the argument, as it is called in the signature, as one of `WORDS` calls it, or as the call's `called`
does. A wrong value that gives no error is "accepted", any other error "obscure". Some values are no errors for some
arguments, such as a negative length of a step: name them in `fine`, each set in commas, as in
``fine={"steps": "negative, list"}``. Values that a test of ours changes, such as a network that is trained, are given
as `Fresh(function)`, which is called for each call.
"""

from __future__ import annotations

import contextlib
import copy
import importlib
import inspect
import os
import pkgutil
import re
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType
from typing import Any

import numpy as np

from tests.fuzz import rooms
from tests.fuzz.sandbox import Clock, Verdict, attempts

PUBLIC = (
    *("tinynet", "tinynet.explain", "tinynet.plots", "tinynet.datasets", "tinynet.models", "tinynet.testing"),
    *("tinynet.files", "tinynet.report", "tinynet.studies", "tinynet.studies.engine.claims"),
    *(f"tinynet.studies.engine.{part}" for part in ("experiment", "statistics", "study", "trials")),
)
WORDS = {
    "net": "network",
    "x": "image, images, input, inputs, pixel",
    "y": "label, labels, target, targets",
    "rng": "seed",
    "labels": "targets, target, class",
    "target": "targets, label, labels, class",
    "classes": "class",
    "file": "file, path",
    "folder": "folder, path",
    "image": "input",
    "start": "input",
}
SLOW = 5.0  # seconds: right calls take milliseconds
NAN, TEXT, HUGE = float("nan"), "nonsense", 10**30
SCALARS: dict[str, Any] = {
    "None": None,
    "NaN": NAN,
    "infinity": float("inf"),
    "text": TEXT,
    "empty text": "",
    "True": True,
    "negative": -1,
    "fraction": 1.5,
    "huge": HUGE,
    "complex": 1j,
    "object": object(),
    "list": [],
    "objects": [object()],
    "dict": {},
    "empty array": np.zeros(0),
    "array": np.full((2, 1, 3, 1, 2), 0.5),
    "array of text": np.array(["a", "b"]),
    "array of objects": np.array([None, object()], object),
}
FINE_WHEN_HUGE = ("rng", "seed", "batch_size", "class_chunk")
NO_ERROR_FOR: dict[type, tuple[str, ...]] = {bool: ("True",), float: ("fraction", "huge"), str: (), int: ()}


@dataclass(frozen=True)
class Fresh:
    """An argument that is made anew for each call."""

    make: Callable[[], Any]


@dataclass(frozen=True, eq=False)
class Call:
    """A function with arguments that are right; see the module for what else can be said."""

    function: Callable[..., Any]
    given: Mapping[str, Any] = field(default_factory=dict)
    fine: Mapping[str, str] = field(default_factory=dict)
    called: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.function.__qualname__

    @cached_property
    def signature(self) -> inspect.Signature:
        return inspect.signature(self.function)

    @cached_property
    def arguments(self) -> dict[str, Any]:
        """What is given, and the defaults of the rest."""
        named = [p for p in self.signature.parameters.values() if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
        defaults = {p.name: p.default for p in named if p.default is not p.empty and not _is_factory(p.default)}
        return {**defaults, **self.given}

    @property
    def wrong(self) -> Iterator[tuple[str, str, Any]]:
        """Each argument's name with each value that is wrong for it, and what that is."""
        for name, value in self.arguments.items():
            if name == "self" or (name not in self.given and value is None):
                continue
            fine = {"None"} if self._may_be_none(name) else set()
            fine |= {word.strip() for word in self.fine.get(name, "").split(",")}
            if "all" in fine:
                continue
            base = value.make() if isinstance(value, Fresh) else value
            for what, wrong in wrong_values(name, base).items():
                if what not in fine:
                    yield name, what, wrong

    def _may_be_none(self, name: str) -> bool:
        parameter = self.signature.parameters.get(name)
        return parameter is not None and (parameter.default is None or "None" in str(parameter.annotation))

    def __call__(self, **changed: Any) -> Any:
        arguments = {**self.given, **changed}
        made = {key: value.make() if isinstance(value, Fresh) else value for key, value in arguments.items()}
        parameters = self.signature.parameters.values()
        by_place = [made.pop(p.name) for p in parameters if p.kind is p.POSITIONAL_ONLY and p.name in made]
        return self.function(*by_place, **made)

    def words(self, name: str) -> list[str]:
        """What an error may call an argument."""
        others = f"{WORDS.get(name, '')},{self.called.get(name, '')}"
        plain = name.replace("_", " ")
        return [name, plain, plain.removesuffix("s"), *(word.strip() for word in others.split(",") if word.strip())]

    def judge(self, name: str, wrong: Any) -> Verdict:
        """Call with one wrong argument, and say how that was answered."""
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                found = self(**{name: wrong})
                if inspect.isgenerator(found):
                    next(found, None)
                if isinstance(found, contextlib.AbstractContextManager):
                    with found:
                        pass
        except (ValueError, TypeError) as error:
            text = str(error)
            if any(
                re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", text, re.IGNORECASE) for word in self.words(name)
            ):
                return "good", text
            return "obscure", f"{type(error).__name__}: {text}"
        except Exception as error:
            return "obscure", f"{type(error).__name__}: {error}"
        return "accepted", ""


def _is_factory(default: Any) -> bool:
    return "factory" in repr(default)


def wrong_values(name: str, base: Any) -> dict[str, Any]:
    """Return what is wrong in the place of a value, by a few words that say what it is."""
    if isinstance(base, np.ndarray):
        return _wrong_arrays(base)
    if isinstance(base, (bool, int, float, str)):
        fine = NO_ERROR_FOR[type(base)]
        if name in FINE_WHEN_HUGE:
            fine = ("huge",)
        return {what: value for what, value in SCALARS.items() if what not in fine}
    wrong = {what: SCALARS[what] for what in ("None", "NaN", "text", "True", "negative", "object", "objects", "array")}
    if type(base) in (list, tuple) and base and isinstance(base[0], (int, float, str)):
        kind = wrong_values(name, base[0])
        items = [what for what in ("None", "NaN", "text", "True", "negative", "huge", "object", "list") if what in kind]
        wrong |= {f"{what} within": type(base)([SCALARS[what], *base[1:]]) for what in items}
    if isinstance(base, Mapping) and base:
        first, *others = base
        rest = {key: base[key] for key in others}
        wrong |= {f"{what} as a key": {SCALARS[what]: base[first], **rest} for what in ("None", "text", "negative")}
        wrong |= {f"{what} within": {first: SCALARS[what], **rest} for what in ("None", "text", "object")}
    return wrong


def _wrong_arrays(base: np.ndarray) -> dict[str, Any]:
    wrong = {what: SCALARS[what] for what in ("None", "text", "object", "objects", "dict", "empty array", "complex")}
    wrong |= {"array of text": base.astype(str), "array of objects": np.full(base.shape, object())}
    wrong |= {"one axis less": base[0], "one axis more": base[..., None]}
    if len(base) > 1:
        wrong["too short"] = base[:-1]
    if base.dtype.kind == "f":
        wrong |= {"NaN": np.full_like(base, np.nan), "a NaN": _with_first(base, np.nan)}
        wrong |= {"infinite": np.full_like(base, np.inf), "complex numbers": base + 1j}
    elif base.dtype.kind in "iu":
        wrong |= {"fractions": base + 0.5, "truth values": base > 0, "NaN": np.full(base.shape, np.nan)}
        wrong |= {"negative": _with_first(base, -1), "huge": _with_first(base, 10**9)}
    else:
        wrong |= {"numbers": base.astype(np.int64), "fractions": base + 0.5}
    return wrong


def _with_first(base: np.ndarray, value: float) -> np.ndarray:
    changed = base.copy()
    changed.flat[0] = value
    return changed


def room_names() -> list[str]:
    """Return the names of the rooms whose calls are registered."""
    return [module.name for module in pkgutil.iter_modules(rooms.__path__)]


def calls(room: str | None = None) -> dict[str, list[Call]]:
    """Return what is registered, by room."""
    names = room_names()
    if room is not None and room not in names:
        raise SystemExit(f"there is no room {room!r}, expected one of {', '.join(names)}")
    chosen = names if room is None else [room]
    return {name: importlib.import_module(f"{rooms.__name__}.{name}").CALLS for name in chosen}


def unregistered() -> list[str]:
    """Return the public functions and classes that no room calls and no room's `RESULTS` names."""
    known = {id(_unwrapped(call.function)) for of_room in calls().values() for call in of_room}
    modules = [
        importlib.import_module(module.name) for module in pkgutil.iter_modules(rooms.__path__, "tests.fuzz.rooms.")
    ]
    results = {name for module in modules for name in getattr(module, "RESULTS", ())}
    return sorted(
        {
            f"{public.__name__}.{name}"
            for public in map(importlib.import_module, PUBLIC)
            for name, thing in _public(public)
            if id(thing) not in known and name not in results
        }
    )


def _unwrapped(function: Callable[..., Any]) -> Callable[..., Any]:
    return getattr(function, "__func__", function)


def _public(module: ModuleType) -> Iterator[tuple[str, Any]]:
    names = getattr(module, "__all__", None) or [
        name for name, thing in vars(module).items() if getattr(thing, "__module__", None) == module.__name__
    ]
    for name in names:
        thing = getattr(module, name)
        if callable(thing) and not name.startswith("_"):
            yield name, thing


@contextlib.contextmanager
def in_folder(folder: str | os.PathLike[str]) -> Iterator[None]:
    """Work in a folder, so that what a wrong call writes does not stay."""
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def fresh(value: Any) -> Fresh:
    """Return an argument that is copied for each call."""
    return Fresh(lambda: copy.deepcopy(value))


@dataclass
class Run:
    """What wrong calls came to."""

    registered: int
    by_function: dict[str, Counter[str]]
    bad: list[str]


def run(
    seconds: float, seed: int = 0, room: str | None = None, function: str | None = None, most: int | None = None
) -> Run:
    """Make the wrong calls of a room or of all, in an order drawn by a seed, until the time is over or `most` were."""
    registered = [
        (name, call)
        for name, of_room in calls(room).items()
        for call in of_room
        if function is None or call.name.rpartition(".")[2] == function or call.name == function
    ]
    found = Run(len(registered), {}, [])
    clock = Clock(seconds)
    with tempfile.TemporaryDirectory() as folder, in_folder(folder):
        tried = [(of_room, call, name, what, wrong) for of_room, call in registered for name, what, wrong in call.wrong]
        order = np.random.default_rng(seed).permutation(len(tried))[:most].tolist()
        for of_room, call in registered:
            try:
                call()
            except Exception as error:
                found.bad.append(f"{of_room}: {call.name} fails with the arguments that are registered: {error!r}")
        verdicts = attempts(lambda index: tried[index][1].judge(*tried[index][2::2]), order, SLOW)
        for index, (verdict, detail) in zip(order, verdicts, strict=False):
            of_room, call, name, what, _ = tried[index]
            found.by_function.setdefault(f"{of_room}: {call.name}", Counter())[verdict] += 1
            if verdict != "good":
                found.bad.append(
                    f"{of_room}: {call.name}({name}: {what}) {verdict}{': ' if detail else ''}{detail}"[:250]
                )
            if clock.over:
                break
    found.bad.sort()
    return found
