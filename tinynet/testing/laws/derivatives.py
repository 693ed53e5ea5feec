"""Derivatives are right: of the input, of the parameters, and linear in what comes back."""

from __future__ import annotations

from functools import partial

import numpy as np

from tinynet.testing import diagnosis
from tinynet.testing.compare import worst_entry
from tinynet.testing.numeric import largest, rounding
from tinynet.testing.report import Diagnosis
from tinynet.testing.subject import BATCH, Broken, Case, NotApplicableError, Subject
from tinynet.types import Array

CASES = 6


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
