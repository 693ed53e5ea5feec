"""Derivatives are right: of the input, of the parameters, and linear in what comes back."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tinynet.testing import diagnosis
from tinynet.testing.compare import worst_entry
from tinynet.testing.drawing import swept
from tinynet.testing.numeric import largest, rounding, unavoidable
from tinynet.testing.outcomes import Broken, NotApplicableError
from tinynet.testing.report import Diagnosis
from tinynet.testing.under_test import BATCH, Case, LayerUnderTest
from tinynet.types import Array

CASES, MAGNITUDES = 7, 4096
FACTORS = (1.0, 2.0**-20, 2.0**30)  # of dy: powers of two change no digit


def runs(layer: LayerUnderTest, rng: np.random.Generator) -> int:
    """Check that a layer whose `backward` declines has no slope that it could pass on.

    Parameters
    ----------
    layer : LayerUnderTest
        Has run already, or it would not be here.
    rng : numpy.random.Generator
        For the inputs.
    """
    if layer.differentiable or not layer.repeats:
        return 1
    cases = 0
    for case in layer.smooth_cases(rng, CASES):
        if largest(case.slope.values) > largest(case.slope.error):
            raise Broken(
                f"backward raised NotImplementedError: {layer.refusal}, yet the output does change with the input, "
                f"by {largest(case.slope.values):.3g} along a random direction"
            )
        cases += 1
    return cases


def adjoint(layer: LayerUnderTest, rng: np.random.Generator) -> int:
    """Compare inner products along random directions of the input.

    Parameters
    ----------
    layer : LayerUnderTest
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
    return cases + _at_every_magnitude(layer, rng)


def _at_every_magnitude(layer: LayerUnderTest, rng: np.random.Generator) -> int:
    """Compare inner products once more at thousands of magnitudes, for a slope that bends a little beside its function.

    Between where the function bends and where its slope is taken to bend, few random numbers lie: of a hard sigmoid
    that is flat from 3 on, and its slope from 2.9 on, one normal number in 900. Outputs at a kink are left out.
    """
    case = layer.case(rng, swept(layer.inputs(rng, (max(BATCH, MAGNITUDES // math.prod(layer.input_shape)),)), rng))
    if not case.slope.smooth.any():
        return 0
    case = case.where_smooth()
    dx = layer.backward(case.dy, case.x)
    if _disagrees(case, dx):
        off = _by_input(dx * case.direction) - _by_input(case.dy * case.slope.values)
        worst = case.take(np.argsort(-np.abs(off))[:BATCH])
        raise _wrong_input_gradient(layer, rng, worst, layer.backward(worst.dy, worst.x))
    return 1


def _by_input(products: Array) -> Array:
    return np.asarray(products.reshape(len(products), -1).sum(axis=-1))


def linear(layer: LayerUnderTest, rng: np.random.Generator) -> int:
    """Compare the backward pass of a mixture, small, ordinary and huge, with the mixture of backward passes.

    Parameters
    ----------
    layer : LayerUnderTest
        The layer.
    rng : numpy.random.Generator
        For the cases.

    Notes
    -----
    A backward pass may subtract what is nearly equal: a softmax that is sure takes <dy, p> off dy, and what is left is
    rounding. So results are compared to within rounding of what was summed, not of what is left. That cannot be seen
    from outside; it is taken to be as large as the gradients at the other inputs are, and as |y| / |x|.
    """
    layer.require_backward()
    cases = [case for attempt in range(CASES) if (case := _Mixture.drawn(layer, rng, attempt))]
    names = cases[0].parts[0] if cases else ()
    summed = {name: max(case.summed(name) for case in cases) for name in names}
    for case in cases:
        for name, size in summed.items():
            case.check(name, size)
    return len(cases)


@dataclass(frozen=True)
class _Mixture:
    """Gradients at an output, their mixture a u + b v, and what the layer makes of them at one input."""

    layer: LayerUnderTest
    x: Array
    y: Array
    seeds: tuple[Array, Array]
    weights: tuple[float, float]
    parts: tuple[dict[str, Array], dict[str, Array]]

    @classmethod
    def drawn(cls, layer: LayerUnderTest, rng: np.random.Generator, attempt: int) -> _Mixture | None:
        x = layer.inputs(rng, (BATCH,), attempt)
        y = layer.forward(x)
        u, v, (a, b) = rng.standard_normal(y.shape), rng.standard_normal(y.shape), rng.standard_normal(2)
        if not np.isfinite(y).all():
            return None
        return cls(layer, x, y, (u, v), (a, b), (layer.gradients(u, x), layer.gradients(v, x)))

    def summed(self, name: str) -> float:
        found = max(largest(part[name][np.isfinite(part[name])]) for part in self.parts)
        secant = largest(self.y) / max(largest(self.x), np.finfo(float).tiny) if name == "dx" else 0.0
        return max(found, secant)

    def check(self, name: str, summed: float) -> None:
        (u, v), (a, b) = self.seeds, self.weights
        for factor in FACTORS:
            dy = factor * (a * u + b * v)
            got = self.layer.gradients(dy, self.x)[name]
            parts = factor * a * self.parts[0][name], factor * b * self.parts[1][name]
            tolerance = rounding(got) * max(map(largest, (got, *parts))) + factor * unavoidable(got) * summed
            if worst := worst_entry(name, got, parts[0] + parts[1], tolerance):
                slip = diagnosis.of_nonlinearity(lambda seed: self.layer.gradients(seed, self.x)[name], dy)
                raise Broken("", worst, {"x": self.x.shape, "dy": dy.shape}, slip)


def parameters(layer: LayerUnderTest, rng: np.random.Generator) -> int:
    """Compare inner products along random directions of each parameter.

    Parameters
    ----------
    layer : LayerUnderTest
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


def _check_names(layer: LayerUnderTest, rng: np.random.Generator) -> None:
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
    tolerance = size * (1e-6 * change + float(np.linalg.norm(case.slope.error)))
    return not abs(got - wanted) <= tolerance


def _wrong_input_gradient(layer: LayerUnderTest, rng: np.random.Generator, case: Case, dx: Array) -> Broken:
    evidence = diagnosis.Evidence.at_input(layer, rng, case.x, case.dy, dx)
    shapes = {"x": case.x.shape, "dy": case.dy.shape, "dx": dx.shape}
    return Broken("", evidence.worst(), shapes, diagnosis.of_input_gradient(evidence))


def _wrong_parameter_gradient(
    layer: LayerUnderTest, rng: np.random.Generator, case: Case, name: str, got: Array
) -> Broken:
    evidence = diagnosis.Evidence.at_parameter(layer, rng, name, case.x, case.dy, got)
    shapes = {"x": case.x.shape, "dy": case.dy.shape, f"d{name}": got.shape}
    detail = f"the gradient of {name} is wrong"
    return Broken(detail, evidence.worst(), shapes, diagnosis.of_parameter_gradient(evidence))
