"""Run the laws: on a layer, on a network, or one by one within pytest."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from tinynet.arguments import generator, wrong
from tinynet.layers.base import Layer
from tinynet.network import Network
from tinynet.testing.drawing import Draw
from tinynet.testing.laws import LAWS, Law
from tinynet.testing.outcomes import Broken, NotApplicableError, NotCheckedError
from tinynet.testing.report import Report, Result, Status
from tinynet.testing.under_test import prepare
from tinynet.types import Array, Shape


def check_layer(layer: Layer, input_shape: Shape, rng: int | np.random.Generator = 0) -> Report:
    """Test every law on a layer and say in words what is wrong.

    Parameters
    ----------
    layer : Layer
        Built or not; it is left as it is, a copy is tested.
    input_shape : tuple of int
        Shape of one input, without batch axes.
    rng : int or numpy.random.Generator
        Where weights, inputs and directions are drawn from.

    Returns
    -------
    Report
        With `ok`, `failures` and a text. A law that speaks of what the layer does not have (parameters, targets, kinks)
        is reported as not applicable and never counts as kept. A layer whose `backward` raises NotImplementedError
        says that it has no derivative: that is believed if its output does not change with small changes of the input,
        and the laws of the backward pass do not apply then.

    Raises
    ------
    ValueError
        If `layer` is not a layer, or `input_shape` not a shape.
    MemoryError
        If there is no room for inputs of this shape.

    Notes
    -----
    Derivatives are compared in float64, <u, (f(x + hv) - f(x - hv)) / 2h> with <J^T u, v>, for random u and v, at
    inputs away from kinks; kinks and ties have laws of their own. Each output should have one kink at a time, as
    those of activations and pools have.

    Examples
    --------
    >>> import numpy as np, tinynet as tn
    >>> from tinynet.testing import check_layer
    >>> class Square(tn.Layer):
    ...     def forward(self, x):
    ...         return x * x
    ...     def backward(self, dy, x, y):
    ...         return dy * x
    >>> print(check_layer(Square(), (4,)).failures[0].diagnosis)
    0.5 times the true gradient everywhere: a 1/2 too many, or a forgotten 2?
    """
    _check_arguments(layer, input_shape)
    return Report(f"{_title(layer)}, input shape {_shape(input_shape)}", _results(layer, input_shape, _seed(rng)))


def assert_layer(layer: Layer, input_shape: Shape, rng: int | np.random.Generator = 0) -> None:
    """Raise an AssertionError with the report if a layer breaks a law.

    Parameters
    ----------
    layer, input_shape, rng
        As in :func:`check_layer`.

    Raises
    ------
    AssertionError
        If it does.
    """
    report = check_layer(layer, input_shape, rng)
    if not report.ok:
        raise AssertionError(str(report))


def laws_of(layer: Layer, input_shape: Shape, rng: int | np.random.Generator = 0) -> list[Any]:
    """Return one pytest parameter a law, so that a test file names each law that a layer keeps or breaks.

    Parameters
    ----------
    layer, input_shape, rng
        As in :func:`check_layer`.

    Returns
    -------
    list
        Of `pytest.param`, each a function without arguments that tests one law: it raises an AssertionError if the law
        is broken and skips the test if it does not apply.

    Examples
    --------
    In a test file::

        @pytest.mark.parametrize("law", tn.testing.laws_of(Softplus(), (3, 8, 8)))
        def test_softplus(law):
            law()
    """
    import pytest

    _check_arguments(layer, input_shape)
    seed = _seed(rng)

    def tester(law: Law) -> Callable[[], None]:
        def test() -> None:
            result = _result(law, layer, input_shape, seed)
            if result.status is Status.BROKEN:
                raise AssertionError(f"{_title(layer)}, input shape {_shape(input_shape)}\n{result}")
            if result.status is not Status.HOLDS:
                pytest.skip(result.detail)

        return test

    return [pytest.param(tester(law), id=law.name.replace(" ", "-")) for law in LAWS.values()]


def check_network(net: Network, rng: int | np.random.Generator = 0) -> Report:
    """Test every law on each layer of a network in its place, then the derivatives of the whole.

    Parameters
    ----------
    net : Network
        It is left as it is, a copy in float64 is tested.
    rng : int or numpy.random.Generator
        Where inputs and directions are drawn from.

    Returns
    -------
    Report
        Its results say which layer they are of; "network" is the whole from its input to its output.

    Notes
    -----
    Each layer is given the activations that reach it in the network. Where these lie on a kink, as the zeros behind a
    ReLU may for a maximum, they are moved a little.
    """
    if not isinstance(net, Network):
        raise ValueError(f"check_network takes a Network, got {_kind(net)}")
    seed = _seed(rng)
    twin = _in_float64(net)
    results: list[Result] = []
    for before, layer in zip(twin.names, twin.layers, strict=False):
        shape = twin.shapes[before]
        results += [result.at(layer.name) for result in _results(layer, shape, seed, _activations(twin, before))]
    results += _end_to_end(twin, seed)
    return Report(f"{net!r}", tuple(results))


# ------------------------------------------------------------------------------------------------------- one layer


def _results(layer: Layer, input_shape: Shape, seed: int, draw: Draw | None = None) -> tuple[Result, ...]:
    first, *others = LAWS.values()
    runs = _result(first, layer, input_shape, seed, draw)
    if runs.status is Status.BROKEN:
        waiting = "the layer has to run first"
        return (runs, *(Result(law.name, law.sentence, Status.NOT_CHECKED, detail=waiting) for law in others))
    return (runs, *(_result(law, layer, input_shape, seed, draw) for law in others))


@np.errstate(all="ignore")
def _result(law: Law, layer: Layer, input_shape: Shape, seed: int, draw: Draw | None = None) -> Result:
    rng = np.random.default_rng([seed, list(LAWS).index(law.name)])
    try:
        tested = prepare(layer, input_shape, seed, draw)
        if not tested.repeats and law.name not in ("runs", "pure"):
            raise NotCheckedError("the same call has to give the same answer first, see pure")
        cases = law.test(tested, rng)
    except Broken as found:
        return Result(
            law.name,
            law.sentence,
            Status.BROKEN,
            detail=found.detail,
            worst=found.worst,
            shapes=found.shapes,
            diagnosis=found.diagnosis,
        )
    except NotApplicableError as reason:
        return Result(law.name, law.sentence, Status.NOT_APPLICABLE, detail=str(reason))
    except NotCheckedError as reason:
        return Result(law.name, law.sentence, Status.NOT_CHECKED, detail=str(reason))
    except MemoryError:  # for inputs of this shape: no fault of the layer
        raise
    except Exception as error:  # arrays that fit nothing: a finding, too, and never a traceback
        detail = f"what the layer returns does not fit together ({type(error).__name__}: {error})"
        return Result(law.name, law.sentence, Status.BROKEN, detail=detail)
    redrawn = f"{tested.redrawn} more drawn at a kink and left out" if tested.redrawn else ""
    return Result(law.name, law.sentence, Status.HOLDS, cases, redrawn)


def _check_arguments(layer: object, input_shape: object) -> None:
    if isinstance(layer, type):
        raise ValueError(f"got the class {layer.__name__}, expected a layer made of it: {layer.__name__}(...)")
    if isinstance(layer, Network):
        raise ValueError("got a Network, expected a layer: check_network(net) checks each of its layers and the whole")
    if not isinstance(layer, Layer):
        hint = "from_object(...) makes one of an object with forward(x) and backward(dout)"
        if not (hasattr(layer, "forward") and hasattr(layer, "backward")):
            hint = "a class of yours should start with class Mine(tn.Layer); from_functions(...) makes one of functions"
        raise ValueError(f"got {_kind(layer)}, expected a layer: {hint}")
    if not isinstance(input_shape, (tuple, list)) or not all(_is_length(length) for length in input_shape):
        raise wrong("input_shape", input_shape, "the shape of one input, such as (5,) or (3, 8, 8)")
    if not input_shape:
        raise ValueError("input_shape is (), expected at least one axis, such as (5,)")


def _is_length(length: object) -> bool:
    return isinstance(length, (int, np.integer)) and not isinstance(length, bool) and bool(length > 0)


def _seed(rng: int | np.random.Generator) -> int:
    return int(generator(rng).integers(2**32))


def _title(layer: Layer) -> str:
    return getattr(layer, "name", "") or repr(layer)


def _shape(shape: Shape) -> str:
    return " x ".join(map(str, shape))


def _kind(value: object) -> str:
    return "None" if value is None else f"a {type(value).__name__}"


# -------------------------------------------------------------------------------------------------------- a network


class _Whole(Layer):
    """A network seen as one layer, whose parameters are those of one of its layers."""

    def __init__(self, net: Network, name: str | None = None) -> None:
        self.net, self.part = net, name
        self.params = dict(net[name].params) if name else {}

    def forward(self, x: Array) -> Array:
        return self._now().trace(x).output

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        net = self._now()
        return net.backward(net.trace(x), dy).input

    def grads(self, dy: Array, x: Array, y: Array) -> dict[str, Array]:
        net = self._now()
        trace = net.trace(x)
        return net.grads(trace, net.backward(trace, dy)).get(self.part or "", {})

    def _now(self) -> Network:
        return self.net.replaced({self.part: self.net[self.part].with_params(self.params)}) if self.part else self.net


def _end_to_end(net: Network, seed: int) -> Iterator[Result]:
    parts = [(None, "adjoint"), *((layer.name, "parameters") for layer in net.layers if layer.params)]
    for name, law in parts:
        result = _result(LAWS[law], _Whole(net, name), net.input_shape, seed)
        yield replace(result, law=f"{law} end to end", where=name or "network")


def _in_float64(net: Network) -> Network:
    twin = copy.deepcopy(net)
    twin.dtype = np.dtype(np.float64)
    for layer in twin.layers:
        layer.params = {name: array.astype(np.float64) for name, array in layer.params.items()}
    return twin


def _activations(net: Network, name: str) -> Draw:
    def draw(rng: np.random.Generator, shape: Shape, attempt: int) -> Array:
        batch = shape[: len(shape) - len(net.shapes[name])]
        x = np.array(net.trace(rng.standard_normal((*batch, *net.input_shape)))[name])
        return x + (0.1 * max(float(x.std()), 1e-3) * rng.standard_normal(shape) if attempt % 2 else 0)

    return draw
