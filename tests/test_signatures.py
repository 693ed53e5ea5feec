"""The signature is the contract: each kind of annotation lets pass what it says, and nothing else."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

import tinynet as tn
from tests.networks import small_classifier
from tinynet import datasets, explain, plots, report, targets, testing, training
from tinynet.signatures import checked

net = small_classifier(dtype=np.float32)
THINGS: dict[str, Any] = {
    "none": None,
    "truth": True,
    "NumPy's truth": np.True_,
    "whole": 3,
    "NumPy's whole": np.int64(3),
    "negative": -2,
    "fraction": 1.5,
    "NumPy's fraction": np.float32(0.5),
    "NaN": float("nan"),
    "infinity": float("inf"),
    "complex": 1j,
    "text": "tanh1",
    "path": Path("a.npz"),
    "object": object(),
    "network": net,
    "class": tn.Network,
    "names": ["a", "b"],
    "a pair": (0.5, 2),
    "wholes": [1, 2],
    "array of wholes": np.arange(3),
    "array of numbers": np.full((2, 3), 0.5),
    "array of objects": np.array([None, object()]),
    "array of text": np.array(["a", "b"]),
    "ragged": [[1], [1, 2]],
    "mapping": {"a": np.zeros(2)},
    "mapping of text": {"a": "b"},
    "mapping by number": {1: np.zeros(2)},
    "function": print,
}
WHOLE = {"whole", "NumPy's whole", "negative"}
NUMBER = WHOLE | {"fraction", "NumPy's fraction"}
ARRAY = {"array of wholes", "array of numbers"}
REAL = NUMBER | ARRAY | {"NaN", "infinity", "wholes", "a pair", "truth", "NumPy's truth"}
ALLOWED = {
    "bool": {"truth", "NumPy's truth"},
    "int": WHOLE,
    "float": NUMBER,
    "str": {"text"},
    "int | None": WHOLE | {"none"},
    "ArrayLike": REAL,
    "np.ndarray": REAL,
    "str | os.PathLike[str]": {"text", "path"},
    "os.PathLike[str] | str | None": {"text", "path", "none"},
    "Sequence[str]": {"names", "array of text"},
    "Sequence[int] | None": {"wholes", "array of wholes", "none"},
    "Sequence[ArrayLike]": set(THINGS),  # as arrays have
    "tuple[float, float]": {"a pair", "wholes"},
    "tuple[int, ...]": {"wholes", "array of wholes"},
    "Mapping[str, ArrayLike]": {"mapping"},
    "Callable[..., int]": {"function", "class", "network"},
    "tn.Network": {"network"},
    "int | str | ArrayLike": set(THINGS),  # of several forms
    "Sequence[Sequence[int]]": set(THINGS),  # with entries that have entries
    "Mapping[str, tuple[int, int]]": set(THINGS),
    "tuple[str, int]": set(THINGS),
    "OnlyForTypeCheckers": set(THINGS),
    "Any": set(THINGS),
}
CONTEXT = (os, Callable, Mapping, Sequence, ArrayLike)  # what the annotations above are made of


@pytest.mark.parametrize("annotation", ALLOWED)
def test_an_annotation_lets_pass_what_it_says_and_names_the_argument_otherwise(annotation: str) -> None:
    def function(before: Any, it: Any) -> Any:
        return it

    function.__annotations__ = {"it": annotation}
    function = checked(function)
    for name, thing in THINGS.items():
        if name in ALLOWED[annotation]:
            assert function(0, thing) is thing and function(0, it=thing) is thing, name
            continue
        with pytest.raises(ValueError, match=r"^(it|a key of it)(\[.*\])? is .*, expected .") as caught:
            function(0, thing)
        assert "\n" not in str(caught.value), name
        with pytest.raises(ValueError, match=r"^(it|a key of it)(\[.*\])? is .*, expected ."):
            function(0, it=thing)


@given(st.lists(st.sampled_from(sorted(THINGS))))
def test_a_list_is_as_right_as_its_entries_and_the_first_wrong_one_is_told(names: list[str]) -> None:
    @checked
    def function(them: Sequence[int]) -> int:
        return len(them)

    wrong = [place for place, name in enumerate(names) if name not in WHOLE]
    if not wrong:
        assert function([THINGS[name] for name in names]) == len(names)
    else:
        with pytest.raises(ValueError, match=rf"^them\[{wrong[0]}\] is .*, expected a whole number$"):
            function([THINGS[name] for name in names])


def test_a_class_is_held_to_the_annotations_of_its_fields() -> None:
    @checked
    @dataclass(frozen=True)
    class Row:
        name: str
        count: int = 1
        kinds: tuple[str, ...] = ()

    assert Row("a", kinds=("b",)) == Row("a", 1, ("b",)) and replace(Row("a"), count=3).count == 3
    for name, wrong in (("name", 3), ("count", 1.5), ("count", "b"), ("kinds", "b")):
        with pytest.raises(ValueError, match=rf"^{name} is .*, expected ."):
            Row(**{"name": "a", name: wrong})
        with pytest.raises(ValueError, match=rf"^{name} is .*, expected ."):
            replace(Row("a"), **{name: wrong})


def test_common_mistakes_are_told() -> None:
    @checked
    def function(layers: Sequence[str] | None = None, net: tn.Network = net) -> None: ...

    with pytest.raises(ValueError, match=r"expected a list, such as \['tanh1'\]"):
        function("tanh1")
    with pytest.raises(ValueError, match=r"net is the class Network, .*: call it, as in Network\(...\)"):
        function(net=tn.Network)


def test_what_is_checked_stays_what_it_was() -> None:
    assert explain.class_gradient.__name__ == "class_gradient"
    assert list(inspect.signature(explain.class_gradient).parameters)[:3] == ["net", "x", "labels"]
    with pytest.raises(TypeError, match=r"^filter_outputs: missing a required argument: 'net'"):
        explain.filter_outputs()
    with pytest.raises(TypeError, match=r"^filter_outputs: no argument 'layer'; there is net"):
        explain.filter_outputs(net, layer="tanh1")


@pytest.mark.parametrize("room", [explain, plots], ids=["explain", "plots"])
def test_every_public_function_that_takes_arguments_is_checked(room: Any) -> None:
    functions = {name: getattr(room, name) for name in room.__all__ if inspect.isroutine(getattr(room, name))}
    bare = [name for name, f in functions.items() if inspect.signature(f).parameters and not hasattr(f, "__wrapped__")]
    assert not bare, f"decorate with @checked of tinynet.signatures: {', '.join(bare)}"


def flags_by_place(room: Any) -> list[str]:
    """Return the booleans that may be left out and are taken by their place, of a room's functions and classes."""
    found = []
    for name in room.__all__:
        thing = getattr(room, name)
        if isinstance(thing, type) and issubclass(thing, Exception):
            continue
        methods = vars(thing) if isinstance(thing, type) else {}
        named = {
            f"{name}.{key}": value for key, value in methods.items() if inspect.isfunction(value) and key[0] != "_"
        }
        for full, function in {name: thing, **named}.items():
            parameters = inspect.signature(function).parameters.values() if callable(function) else ()
            found += [
                f"{full}({parameter.name}=)"
                for parameter in parameters
                if isinstance(parameter.default, bool) and parameter.kind is not parameter.KEYWORD_ONLY
            ]
    return found


@pytest.mark.parametrize(
    "room", [tn, explain, plots, datasets, report, targets, testing, training], ids=lambda room: room.__name__
)
def test_a_flag_is_given_by_its_name(room: Any) -> None:
    assert flags_by_place(room) == []


def test_a_flag_by_its_place_is_found() -> None:
    class Room:
        __all__ = ("Pool", "pool")

        @dataclass
        class Pool:
            size: int = 2
            ceil: bool = False

            def output_size(self, length: int, padded: bool = True) -> int:
                return length // self.size + padded

        @staticmethod
        def pool(x: int, *, ceil: bool = False) -> int:
            return x

    assert flags_by_place(Room) == ["Pool(ceil=)", "Pool.output_size(padded=)"]
