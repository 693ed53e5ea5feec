"""Where there is no derivative: right at a kink, and where equal inputs tie for a maximum."""

from __future__ import annotations

import numpy as np

from tinynet.testing import diagnosis
from tinynet.testing.numeric import directional, largest, unit
from tinynet.testing.subject import Broken, NotApplicableError, Subject
from tinynet.types import Array, Shape

NEIGHBOURS, DISTANCE, OUTPUTS = 8, 1e-3, 6


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
        found = directional(layer.at, points[1:], unit(direction)[None])
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
