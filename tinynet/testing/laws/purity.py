"""Functions, no more: a call leaves no trace and gives the same answer each time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tinynet.layers.base import Layer
from tinynet.targets import GradientTargets
from tinynet.testing import diagnosis
from tinynet.testing.adapters import Adapted
from tinynet.testing.compare import changed, fingerprint, same_bits, worst_entry
from tinynet.testing.outcomes import ARGUMENTS, Broken, Raised, as_array, called
from tinynet.testing.report import Diagnosis
from tinynet.testing.under_test import BATCH, LayerUnderTest
from tinynet.types import Array


def pure(layer: LayerUnderTest, rng: np.random.Generator) -> int:
    """Look at arguments, attributes and results before and after each call.

    Parameters
    ----------
    layer : LayerUnderTest
        The layer.
    rng : numpy.random.Generator
        For the cases.
    """
    x = layer.inputs(rng, (BATCH,))
    methods = list(_methods(layer, rng, x))
    fresh = layer.in_dtype(np.float64).layer
    for method, arguments in methods:
        _check_writes_nothing(fresh, method, arguments)
    for method, arguments in methods:
        layer.forward(x)
        _check_owns_result(layer.layer, method, arguments)
        _check_repeats(layer, method, arguments, x)
    if layer.differentiable:
        _check_forgets(layer, dict(methods)["backward"], layer.inputs(rng, (BATCH,)))
    return len(methods)


def _methods(layer: LayerUnderTest, rng: np.random.Generator, x: Array) -> Iterator[tuple[str, list[Array]]]:
    y = layer.forward(x)
    dy = rng.standard_normal(y.shape)
    yield "forward", [x]
    if layer.differentiable:
        yield "backward", [dy, x, y]
        if layer.params or layer.defines("grads"):
            yield "grads", [dy, x, y]
        if layer.defines("target"):
            yield "target", [y - dy, x, y]


def _run(layer: Layer, method: str, arguments: list[Array]) -> dict[str, Array]:
    extra = [GradientTargets(tau=0.7)] if method == "target" else []
    result: Any = called(method, getattr(layer, method), *arguments, *extra)
    results = result if isinstance(result, dict) else {"result": result}
    return {name: as_array(method, array) for name, array in results.items()}


def _check_writes_nothing(layer: Layer, method: str, arguments: list[Array]) -> None:
    given = [argument.copy() for argument in arguments]
    before = fingerprint(vars(layer))
    _run(layer, method, given)
    for name, argument, pristine in zip(ARGUMENTS[method], given, arguments, strict=True):
        if not same_bits(argument, pristine):
            raise Broken(
                f"{method} writes into {name}",
                worst_entry(f"{name} afterwards", argument, pristine, 0.0),
                {name: pristine.shape},
                Diagnosis("writes into an argument", f"work on a new array: y = np.f({name}), not out={name} or +="),
            )
    if names := changed(before, fingerprint(vars(layer))):
        extra = isinstance(layer, Adapted) and names == ["extra"]
        what = "its further arguments (extra)" if extra else ", ".join(f"self.{name}" for name in names)
        raise Broken(f"{method} changes {what}", diagnosis=diagnosis.WRITTEN if extra else diagnosis.STATE)


def _check_owns_result(layer: Layer, method: str, arguments: list[Array]) -> None:
    given = [argument.copy() for argument in arguments]
    for result in _run(layer, method, given).values():
        for name, argument in zip(ARGUMENTS[method], given, strict=True):
            if np.may_share_memory(result, argument):
                whole = same_bits(result, argument)
                raise Broken(
                    f"{method} returns {name} itself" if whole else f"{method} returns a view of {name}",
                    shapes={name: argument.shape},
                    diagnosis=Diagnosis(
                        "returns its argument",
                        f"whoever writes into {name} later changes the result too: return a copy",
                    ),
                )


def _check_repeats(layer: LayerUnderTest, method: str, arguments: list[Array], x: Array) -> None:
    first, second = _fresh(layer, method, arguments, x), _fresh(layer, method, arguments, x)
    if not all(same_bits(first[name], array) for name, array in second.items()):
        third = _fresh(layer, method, arguments, x)
        steps = [(second[name] - first[name], third[name] - second[name]) for name in first]
        if all(np.allclose(*pair, rtol=1e-3, atol=1e-3 * np.abs(pair[0]).max(initial=0)) for pair in steps):
            raise Broken(f"{method}, called twice with the same arrays, adds to what it had", diagnosis=diagnosis.SUMS)
        random = Diagnosis("random", "random numbers are drawn within the pass: draw them outside and pass them in")
        raise Broken(f"{method}, called twice with the same arrays, answers differently", diagnosis=random)
    fixed = [_read_only(argument) for argument in arguments]
    try:
        again = _fresh(layer, method, fixed, x)
    except Raised as raised:
        writes = Diagnosis("writes into an argument", "the arrays of a trace are read-only, so that nobody can")
        raise Broken(f"with read-only arrays, {raised.detail}", shapes=raised.shapes, diagnosis=writes) from raised
    _compare_results(f"{method} answers differently for read-only arrays", first, again)
    turned = [_read_only(np.moveaxis(np.moveaxis(argument, 0, -1).copy(), -1, 0)) for argument in arguments]
    try:
        again = _fresh(layer, method, turned, x)
    except Raised as raised:
        raise Broken(f"with another order in memory, {raised.detail}", diagnosis=diagnosis.MEMORY) from raised
    _compare_results(
        f"{method} answers differently for arrays of another order in memory", first, again, diagnosis.MEMORY
    )


def _fresh(layer: LayerUnderTest, method: str, arguments: list[Array], x: Array) -> dict[str, Array]:
    layer.forward(x)
    given = [argument.copy(order="K") for argument in arguments]
    for copy, argument in zip(given, arguments, strict=True):
        copy.flags.writeable = argument.flags.writeable
    return {name: array.copy() for name, array in _run(layer.layer, method, given).items()}


def _compare_results(
    detail: str, first: dict[str, Array], again: dict[str, Array], slip: Diagnosis | None = None
) -> None:
    for name, array in first.items():
        if worst := worst_entry(name, again[name], array):
            raise Broken(detail, worst, {name: array.shape}, slip)


def _check_forgets(layer: LayerUnderTest, arguments: list[Array], other: Array) -> None:
    if isinstance(layer.layer, Adapted) and not layer.layer.cache_suffices(arguments[0], arguments[1], other):
        detail = "backward(dout, cache) changes once forward was called for another input, or it was called before"
        raise Broken(detail, diagnosis=diagnosis.CACHE)
    before = _fresh(layer, "backward", arguments, arguments[1])
    after = _fresh(layer, "backward", arguments, other)
    if not all(same_bits(before[name], array) for name, array in after.items()):
        detail = "backward(dy, x, y) changes once forward was called for another input"
        raise Broken(detail, diagnosis=diagnosis.STATE)


def _read_only(array: Array) -> Array:
    array = array.view()
    array.flags.writeable = False
    return array
