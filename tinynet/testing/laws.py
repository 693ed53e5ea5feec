"""The laws that every layer keeps, one small function each.

A law takes a layer (a :class:`Subject`) and a random generator and returns how many cases it ran. It raises `Broken`
with what it saw, or `NotApplicableError` where the layer has nothing that the law speaks of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from tinynet.layers.base import Array, Layer, Shape
from tinynet.targets import GradientTargets
from tinynet.testing import diagnosis
from tinynet.testing.compare import changed, fingerprint, same_bits, worst_entry
from tinynet.testing.numeric import directional, largest, rounding, unit
from tinynet.testing.report import Diagnosis
from tinynet.testing.subject import (
    ARGUMENTS,
    BATCH,
    Broken,
    Case,
    NotApplicableError,
    Raised,
    Subject,
    as_array,
    called,
)

CASES = 6
NEIGHBOURS, DISTANCE, OUTPUTS = 8, 1e-3, 6

Test = Callable[[Subject, np.random.Generator], int]


@dataclass(frozen=True)
class Law:
    """A law and its test.

    Parameters
    ----------
    name : str
        Short name.
    sentence : str
        The law in words.
    test : callable
        Takes a Subject and a Generator, returns the number of cases.
    """

    name: str
    sentence: str
    test: Test


LAWS: dict[str, Law] = {}


def _law(name: str, sentence: str) -> Callable[[Test], Test]:
    def enter(test: Test) -> Test:
        LAWS[name] = Law(name, sentence, test)
        return test

    return enter


# --------------------------------------------------------------------------------------------------- does it run?


@_law("runs", "the layer builds for this input shape, and forward and backward run")
def runs(layer: Subject, rng: np.random.Generator) -> int:
    """Check that a layer whose `backward` declines has no slope that it could pass on.

    Parameters
    ----------
    layer : Subject
        Has run already, or it would not be here.
    rng : numpy.random.Generator
        For the inputs.
    """
    if layer.differentiable:
        return 1
    cases = 0
    for case in layer.smooth_cases(rng, CASES):
        if largest(case.slope.values) > case.slope.noise:
            raise Broken(
                f"backward raised NotImplementedError: {layer.refusal}, yet the output does change with the input, "
                f"by {largest(case.slope.values):.3g} along a random direction"
            )
        cases += 1
    return cases


# --------------------------------------------------------------------------------------------- derivatives are right


@_law("adjoint", "backward(u) is J^T u: <u, (f(x + hv) - f(x - hv)) / 2h> = <backward(u), v> for any u and v")
def adjoint(layer: Subject, rng: np.random.Generator) -> int:
    """Compare inner products along random directions of the input.

    Parameters
    ----------
    layer : Subject
        The layer.
    rng : numpy.random.Generator
        For the cases.
    """
    layer.require_backward()
    cases = 0
    for case in layer.smooth_cases(rng, CASES):
        dx = layer.backward(case.dy, case.x)
        if _disagrees(case, dx):
            raise _wrong_input_gradient(layer, rng, case, dx)
        cases += 1
    return cases


@_law("linear", "backward is linear in dy: backward(a u + b v) = a backward(u) + b backward(v)")
def linear(layer: Subject, rng: np.random.Generator) -> int:
    """Compare the backward pass of a mixture with the mixture of backward passes.

    Parameters
    ----------
    layer : Subject
        The layer.
    rng : numpy.random.Generator
        For the cases.
    """
    layer.require_backward()
    for attempt in range(CASES):
        x = layer.inputs(rng, (BATCH,), attempt)
        shape = layer.forward(x).shape
        u, v = rng.standard_normal(shape), rng.standard_normal(shape)
        a, b = rng.standard_normal(2)
        parts = a * layer.backward(u, x), b * layer.backward(v, x)
        got, wanted = layer.backward(a * u + b * v, x), parts[0] + parts[1]
        tolerance = rounding(got) * max(map(largest, (got, *parts)))
        if worst := worst_entry("dx", got, wanted, tolerance):
            shapes = {"x": x.shape, "dy": shape}
            raise Broken("", worst, shapes, diagnosis.of_nonlinearity(partial(layer.backward, x=x), u))
    return CASES


@_law("parameters", "grads(dy, x, y) holds the gradient of each parameter, summed over the batch")
def parameters(layer: Subject, rng: np.random.Generator) -> int:
    """Compare inner products along random directions of each parameter.

    Parameters
    ----------
    layer : Subject
        The layer.
    rng : numpy.random.Generator
        For the cases.
    """
    layer.require_backward()
    if not layer.params and not layer.defines("grads"):
        raise NotApplicableError("the layer has no parameters")
    _check_names(layer, rng)
    cases = 0
    for name, array in layer.params.items():
        if not array.size:
            continue
        for case in layer.smooth_cases(rng, CASES // 2, name):
            gradient = layer.grads(case.dy, case.x)[name]
            if gradient.shape != array.shape:
                raise Broken(
                    f"the gradient of {name} has shape {gradient.shape}, expected {array.shape}",
                    shapes={"x": case.x.shape, "dy": case.dy.shape, name: array.shape},
                    diagnosis=diagnosis.of_parameter_shape(name, gradient.shape, array.shape, BATCH),
                )
            if _disagrees(case, gradient):
                raise _wrong_parameter_gradient(layer, rng, case, name, gradient)
            cases += 1
    if not cases:
        raise NotApplicableError("the layer has no parameters")
    return cases


def _check_names(layer: Subject, rng: np.random.Generator) -> None:
    x = layer.inputs(rng, (BATCH,))
    names = set(layer.grads(rng.standard_normal(layer.forward(x).shape), x))
    if missing := sorted(layer.params.keys() - names):
        raise Broken(
            f"grads has no entry for {', '.join(missing)}",
            diagnosis=Diagnosis("missing gradient", f"params has {', '.join(layer.params)}: grads needs all of them"),
        )
    if extra := sorted(names - layer.params.keys()):
        raise Broken(f"grads has an entry for {', '.join(extra)}, which params does not have")


def _disagrees(case: Case, gradient: Array) -> bool:
    got, wanted = float(np.vdot(gradient, case.direction)), float(np.vdot(case.dy, case.slope.values))
    size, change = float(np.linalg.norm(case.dy)), float(np.linalg.norm(case.slope.values))
    tolerance = size * (1e-6 * change + case.slope.noise)
    return not abs(got - wanted) <= tolerance


def _wrong_input_gradient(layer: Subject, rng: np.random.Generator, case: Case, dx: Array) -> Broken:
    evidence = diagnosis.Evidence.at_input(layer, rng, case.x, case.dy, dx)
    shapes = {"x": case.x.shape, "dy": case.dy.shape, "dx": dx.shape}
    return Broken("", evidence.worst(), shapes, diagnosis.of_input_gradient(evidence))


def _wrong_parameter_gradient(layer: Subject, rng: np.random.Generator, case: Case, name: str, got: Array) -> Broken:
    evidence = diagnosis.Evidence.at_parameter(layer, rng, name, case.x, case.dy, got)
    shapes = {"x": case.x.shape, "dy": case.dy.shape, f"d{name}": got.shape}
    detail = f"the gradient of {name} is wrong"
    return Broken(detail, evidence.worst(), shapes, diagnosis.of_parameter_gradient(evidence))


# ------------------------------------------------------------------------------------------------------ at the kinks


@_law("kinks", "at a kink, where one input is exactly 0, 1 or -1, the answer lies between those on either side")
def kinks(layer: Subject, rng: np.random.Generator) -> int:
    """Set one input to a number where activations like to bend.

    Parameters
    ----------
    layer : Subject
        The layer.
    rng : numpy.random.Generator
        For the cases.
    """
    layer.require_backward()
    met = 0
    for value in (0.0, 1.0, -1.0):
        for _ in range(2):
            x = layer.inputs(rng, ())
            x.flat[rng.integers(x.size)] = value
            met += _answers_between(layer, rng, x)
    if not met:
        raise NotApplicableError("no kink where an input is 0, 1 or -1")
    return met


@_law("ties", "where inputs are equal, the answer lies between those for inputs that differ by a hair")
def ties(layer: Subject, rng: np.random.Generator) -> int:
    """Give inputs of few different values, and all the same, so that a maximum has several winners.

    Parameters
    ----------
    layer : Subject
        The layer.
    rng : numpy.random.Generator
        For the cases.

    Notes
    -----
    Along the direction of ones, equal inputs stay equal and a maximum rises by one: the gradients of its winners must
    add up to one, however they share it. Along other directions the answer lies between that of the first and of the
    last to win.
    """
    layer.require_backward()
    shape = layer.input_shape
    inputs = [*rng.integers(0, 3, (3, *shape)).astype(float), np.ones(shape), np.zeros(shape)]
    met = sum(_answers_between(layer, rng, x) for x in inputs)
    if not met:
        raise NotApplicableError("equal inputs make no kink")
    return met


def _answers_between(layer: Subject, rng: np.random.Generator, x: Array) -> bool:
    """Compare the answer at one input with the answers around it; return whether there is a kink.

    Every neighbour lies a small distance away: two along the direction asked for, so that its one-sided derivatives are
    among the answers, the others anywhere.
    """
    if not np.isfinite(layer.forward(x[None])).all():
        return False
    met = False
    for direction in (rng.standard_normal(x.shape), np.ones(x.shape)):
        ways = np.concatenate([direction[None], -direction[None], rng.standard_normal((NEIGHBOURS - 2, *x.shape))])
        points = np.concatenate([x[None], x + DISTANCE * ways])
        found = directional(lambda p: _as_float(layer.forward(p)), points[1:], unit(direction)[None])
        if not np.isfinite(found.values).all():
            continue
        values = np.where(found.smooth, found.values, found.values[:1])
        spread = (values.max(axis=0) - values.min(axis=0)).ravel()
        met = met or largest(spread) > 0.05 * largest(found.values) + 2 * found.noise
        _check_between(layer, points, direction, np.argsort(-spread, kind="stable")[:OUTPUTS], found.values.shape[1:])
    return met


def _check_between(layer: Subject, points: Array, direction: Array, outputs: Array, output_shape: Shape) -> None:
    """Compare the gradients of some outputs at the first point, along a direction, with those at the other points."""
    dy = np.zeros((len(outputs), len(points), *output_shape))
    for one, output in zip(dy, outputs, strict=True):
        one.reshape(len(points), -1)[:, output] = 1
    stack = np.concatenate([points] * len(outputs))
    dx = layer.backward(dy.reshape(-1, *output_shape), stack).reshape(len(outputs), *points.shape)
    margin = 2e-3 * largest(dx[np.isfinite(dx)]) * np.sqrt(direction.size)
    for one, output in zip(dx, outputs, strict=True):
        at, *around = (float(np.vdot(gradient, direction)) for gradient in one)
        low, high = min(around), max(around)
        if np.isfinite([low, high]).all() and not low - margin <= at <= high + margin:
            place = [int(i) for i in np.unravel_index(output, output_shape)]
            raise Broken(
                f"the gradient of output {place} along a direction is {at:.4g}; "
                f"a hair away it is between {low:.4g} and {high:.4g}",
                shapes={"x": points.shape[1:], "y": output_shape},
                diagnosis=diagnosis.of_kink(one),
            )


def _as_float(y: Array) -> Array:
    return y if y.dtype.kind == "f" else y.astype(np.float64)


# ---------------------------------------------------------------------------------------------------- leading axes


@_law("batch axes", "leading axes are batch axes, as many as there are: the result on a stack is the stack of results")
def batch_axes(layer: Subject, rng: np.random.Generator) -> int:
    """Run stacks of inputs, and of further gradients, and compare with one input at a time.

    Parameters
    ----------
    layer : Subject
        The layer.
    rng : numpy.random.Generator
        For the cases.
    """
    cases = 0
    for batch in [(4,), (), (2, 3)]:
        for seeds in [(), (2,)] if layer.differentiable else [()]:
            _compare_with_single(layer, rng, batch, seeds)
            cases += 1
    return cases


def _compare_with_single(layer: Subject, rng: np.random.Generator, batch: Shape, seeds: Shape) -> None:
    x = layer.inputs(rng, batch)
    singles = x.reshape(-1, 1, *layer.input_shape)
    outputs = [layer.forward(single) for single in singles]
    unit_shape = outputs[0].shape[1:]
    y = np.concatenate(outputs).reshape(*batch, *unit_shape)
    _compare_on_stack("y", batch, seeds, lambda: layer.forward(x), y)
    if not layer.differentiable:
        return
    dy = rng.standard_normal((*seeds, *batch, *unit_shape))
    flat = dy.reshape(-1, len(singles), 1, *unit_shape)
    stack = [[layer.backward(g, single) for g, single in zip(row, singles, strict=True)] for row in flat]
    dx = np.stack([np.concatenate(row) for row in stack]).reshape(*seeds, *x.shape)
    _compare_on_stack("dx", batch, seeds, lambda: layer.raw_backward(dy, x), dx)
    if layer.defines("target"):
        _compare_targets(layer, batch, seeds, x, y, dy)
    single_grads = [layer.grads(g, single) for row in flat for g, single in zip(row, singles, strict=True)]
    if not all(layer.grads_fit(grads) for grads in single_grads):
        return
    for name in layer.params:
        total = np.sum([grads[name] for grads in single_grads], axis=0)
        _compare_on_stack(f"d{name}", batch, seeds, partial(_gradient, layer, name, dy, x), total)


def _gradient(layer: Subject, name: str, dy: Array, x: Array) -> Array:
    return layer.grads(dy, x)[name]


def _compare_targets(layer: Subject, batch: Shape, seeds: Shape, x: Array, y: Array, dy: Array) -> None:
    rule = GradientTargets(tau=0.7)
    unit_shape = y.shape[len(batch) :]
    pairs = zip(
        np.broadcast_to(y - dy, dy.shape).reshape(-1, 1, *unit_shape),
        np.broadcast_to(x, (*seeds, *x.shape)).reshape(-1, 1, *layer.input_shape),
        strict=True,
    )
    wanted = np.concatenate([layer.target(t, single, rule) for t, single in pairs]).reshape(*seeds, *x.shape)
    _compare_on_stack("t_x", batch, seeds, lambda: layer.target(y - dy, x, rule), wanted)


def _compare_on_stack(name: str, batch: Shape, seeds: Shape, run: Callable[[], Array], wanted: Array) -> None:
    stack = f"with {_axes(batch)}" + (f", and dy with {_axes(seeds)} more" if seeds else "")
    try:
        got = run()
    except Raised as raised:
        slip = diagnosis.of_stack(batch, seeds)
        raise Broken(f"{raised.detail}, for inputs {stack}", shapes=raised.shapes, diagnosis=slip) from raised
    shapes = {f"{name} got": got.shape, f"{name} wanted": wanted.shape}
    if got.shape != wanted.shape:
        slip = diagnosis.of_stack(batch, seeds)
        raise Broken(f"{name} has the wrong shape, for inputs {stack}", shapes=shapes, diagnosis=slip)
    if worst := worst_entry(name, got, wanted):
        slip = diagnosis.of_stack(batch, seeds, got, wanted)
        detail = f"{name} is not what each input gives by itself, for inputs {stack}"
        raise Broken(detail, worst, {name: got.shape}, slip)


def _axes(batch: Shape) -> str:
    return f"{len(batch) or 'no'} batch {'axis' if len(batch) == 1 else 'axes'}" + (f" {batch}" if batch else "")


# ------------------------------------------------------------------------------------------------ functions, no more


@_law("pure", "calls leave no trace: arguments and layer stay as they are, and the same call gives the same bits")
def pure(layer: Subject, rng: np.random.Generator) -> int:
    """Look at arguments, attributes and results before and after each call.

    Parameters
    ----------
    layer : Subject
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


def _methods(layer: Subject, rng: np.random.Generator, x: Array) -> Iterator[tuple[str, list[Array]]]:
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
        what = ", ".join(f"self.{name}" for name in names)
        raise Broken(f"{method} changes {what}", diagnosis=diagnosis.STATE)


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


def _check_repeats(layer: Subject, method: str, arguments: list[Array], x: Array) -> None:
    first = _fresh(layer, method, arguments, x)
    if not all(same_bits(first[name], array) for name, array in _fresh(layer, method, arguments, x).items()):
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


def _fresh(layer: Subject, method: str, arguments: list[Array], x: Array) -> dict[str, Array]:
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


def _check_forgets(layer: Subject, arguments: list[Array], other: Array) -> None:
    before = _fresh(layer, "backward", arguments, arguments[1])
    after = _fresh(layer, "backward", arguments, other)
    if not all(same_bits(before[name], array) for name, array in after.items()):
        detail = "backward(dy, x, y) changes once forward was called for another input"
        raise Broken(detail, diagnosis=diagnosis.STATE)


def _read_only(array: Array) -> Array:
    array = array.view()
    array.flags.writeable = False
    return array


# ------------------------------------------------------------------------------------------------- shapes and types


@_law("shape and dtype", "dx has the shape of x, and float32 stays float32 and float64 stays float64")
def shape_and_dtype(layer: Subject, rng: np.random.Generator) -> int:
    """Run the layer in both types.

    Parameters
    ----------
    layer : Subject
        The layer.
    rng : numpy.random.Generator
        For the cases.
    """
    for dtype in (np.float32, np.float64):
        _check_in_dtype(layer.in_dtype(dtype), rng, np.dtype(dtype))
    return 2


def _check_in_dtype(layer: Subject, rng: np.random.Generator, dtype: np.dtype[Any]) -> None:
    x = layer.inputs(rng, (BATCH,)).astype(dtype)
    y = layer.forward(x)
    _check_output_shape(layer, x, y)
    _check_dtype("forward", y, dtype)
    if not layer.differentiable:
        return
    dy = rng.standard_normal(y.shape).astype(dtype)
    dx = layer.raw_backward(dy, x)
    if dx.shape != x.shape:
        shapes = {"x": x.shape, "y": y.shape, "dy": dy.shape, "dx": dx.shape}
        raise Broken("dx does not have the shape of x", shapes=shapes)
    _check_dtype("backward", dx, dtype)
    for name, array in layer.grads(dy, x).items():
        _check_dtype(f"grads, in {name},", array, dtype)
    if layer.defines("target"):
        _check_dtype("target", layer.target(y, x, GradientTargets(tau=0.7)), dtype)


def _check_output_shape(layer: Subject, x: Array, y: Array) -> None:
    shapes = {"x": x.shape, "y": y.shape}
    if y.shape[:1] != x.shape[:1]:
        raise Broken("y does not keep the batch axis of x", shapes=shapes)
    declared = called("output_shape", layer.layer.output_shape, layer.input_shape)
    if tuple(declared) != y.shape[1:]:
        raise Broken(f"output_shape says {tuple(declared)}, forward gives {y.shape[1:]}", shapes=shapes)


def _check_dtype(what: str, array: Array, dtype: np.dtype[Any]) -> None:
    if array.dtype != dtype:
        raise Broken(
            f"{dtype} in, {array.dtype} out of {what}".rstrip(","),
            diagnosis=diagnosis.of_dtype(dtype, array.dtype),
        )


# -------------------------------------------------------------------------------------------------------- targets


class _Watched:
    """A rule that notes whether a layer asks it for an affine step."""

    def __init__(self, rule: GradientTargets) -> None:
        self.rule = rule
        self.asked = False

    def affine_target(self, layer: Layer, t: Array, x: Array, y: Array) -> Array:
        """Pass the question on.

        Parameters
        ----------
        layer : Layer
            Who asks.
        t, x, y : ndarray
            Target, input and output.
        """
        self.asked = True
        return self.rule.affine_target(layer, t, x, y)


@_law("target", "the target moves against the gradient: t_x = x - J^T (y - t), or a layer with weights' step by tau")
def target(layer: Subject, rng: np.random.Generator) -> int:
    """Compare targets with their closed form, and their side with the gradient's.

    Parameters
    ----------
    layer : Subject
        The layer.
    rng : numpy.random.Generator
        For the cases.
    """
    if not layer.defines("target"):
        raise NotApplicableError("the layer defines no target")
    layer.require_backward()
    rules = [GradientTargets(tau=0.7, start="activation"), GradientTargets(), GradientTargets(tau=3.0)]
    for attempt, rule in enumerate(rules):
        x = layer.inputs(rng, (BATCH,), attempt)
        y = layer.forward(x)
        t = y + rng.standard_normal(y.shape)
        gradient = layer.backward(y - t, x)
        watched = _Watched(rule)
        t_x = layer.target(t, x, watched)
        if t_x.shape != x.shape:
            raise Broken("t_x does not have the shape of x", shapes={"x": x.shape, "t_x": t_x.shape})
        start = 0 * x if watched.asked and rule.start == "zero" else x
        step = (rule.tau if watched.asked else 1.0) * gradient
        tolerance = rounding(t_x) * max(largest(start), largest(step))
        if worst := worst_entry("t_x", t_x, start - step, tolerance):
            raise Broken(
                f"the step from the start is not {'-tau' if watched.asked else '-'}J^T (y - t)",
                worst,
                {"x": x.shape, "t": t.shape, "t_x": t_x.shape},
                diagnosis.of_target(t_x - start, -step),
            )
        if rule.start == "activation" and np.vdot(x - t_x, gradient) < -tolerance:
            raise Broken("the target moves along the gradient, so the error grows")
    return len(rules)
