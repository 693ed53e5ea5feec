"""Where there is no derivative: right at a kink, and where equal inputs tie for a maximum."""

from __future__ import annotations

import numpy as np

from tinynet.testing import diagnosis
from tinynet.testing.numeric import directional, largest, unit
from tinynet.testing.outcomes import Broken, NotApplicableError
from tinynet.testing.under_test import LayerUnderTest
from tinynet.types import Array

NEIGHBOURS, OUTPUTS = 8, 6
CLOSING = 0.1  # of a gap is left, at most, where neighbours come at least a thousand times nearer
DISTANCES, NEAR_ZERO = (1e-3, 1e-5, 1e-8), (1e-11, 1e-14, 1e-20)


def kinks(layer: LayerUnderTest, rng: np.random.Generator) -> int:
    """Set one input to a number where activations like to bend.

    Parameters
    ----------
    layer : LayerUnderTest
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


def ties(layer: LayerUnderTest, rng: np.random.Generator) -> int:
    """Give inputs of few different values, and all the same, so that a maximum has several winners.

    Parameters
    ----------
    layer : LayerUnderTest
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


def _answers_between(layer: LayerUnderTest, rng: np.random.Generator, x: Array) -> bool:
    """Compare the answer at one input with the answers around it; return whether there is a kink.

    Beside a steep but smooth place the answers differ, too, but less the nearer they are. So the neighbours come
    nearer until the answer lies between theirs: next to a kink it never does, if it is wrong. Where the slope is
    smallest, as that of x|x| at 0, it never does either, but the gap closes. Where the function jumps there is no
    slope, and nothing is asked.
    """
    along = rng.standard_normal(x.shape)
    size = largest(x)
    distances = [size * step for step in DISTANCES] if size else [*DISTANCES, *NEAR_ZERO]
    far, near = (_movement(layer, x, along, distance) for distance in (distances[0], distances[-1]))
    if not np.isfinite(far).all():  # at the edge of what the layer takes, such as a root at 0
        return False
    found = directional(layer.at, x[None], unit(along)[None])
    bend = np.where(np.isnan(found.bend), 0, found.bend).ravel()
    order = np.argsort(-bend, kind="stable").tolist()
    candidates = [output for output in order if near[output] <= 0.1 * far[output]][:OUTPUTS]
    for direction in (along, np.ones(x.shape)):
        outputs = candidates
        broken: Broken | None = None
        for distance in distances:
            around = np.stack([direction, -direction, *rng.standard_normal((NEIGHBOURS - 2, *x.shape))])
            gaps, broken = _gaps(layer, x, distance * around, direction, outputs)
            outputs = list(gaps)
            if broken is None:
                break
        if broken and not _close(layer, x, around, direction, outputs, distances):
            raise broken
    return found.kinked


def _movement(layer: LayerUnderTest, x: Array, direction: Array, distance: float) -> Array:
    """Return how far each output moves on either side of an input."""
    here, ahead, behind = layer.at(np.stack([x, x + distance * direction, x - distance * direction]))
    return np.asarray(np.maximum(np.abs(ahead - here), np.abs(behind - here))).ravel()


def _close(
    layer: LayerUnderTest, x: Array, around: Array, direction: Array, outputs: list[int], distances: list[float]
) -> bool:
    """Return whether gaps close as neighbours in the same places around come nearer."""
    before, after = (_gaps(layer, x, distance * around, direction, outputs)[0] for distance in distances[-2:])
    return all(gap <= CLOSING * before.get(output, 0.0) for output, gap in after.items())


def _gaps(
    layer: LayerUnderTest, x: Array, around: Array, direction: Array, outputs: list[int]
) -> tuple[dict[int, float], Broken | None]:
    """Return how far the gradients of outputs along a direction lie outside of those of the neighbours, where they do.

    The second answer tells what was seen at the first of them, or is None.
    """
    points = np.concatenate([x[None], x + around])
    output_shape = layer.forward(points).shape[1:]
    dy = np.zeros((len(outputs), len(points), *output_shape))
    for one, output in zip(dy, outputs, strict=True):
        one.reshape(len(points), -1)[:, output] = 1
    stack = np.concatenate([points] * len(outputs)) if outputs else points[:0]
    dx = layer.backward(dy.reshape(-1, *output_shape), stack).reshape(len(outputs), *points.shape)
    margin = 2e-3 * largest(dx[np.isfinite(dx)]) * np.sqrt(direction.size)
    gaps, broken = {}, None
    for one, output in zip(dx, outputs, strict=True):
        at, *others = (float(np.vdot(gradient, direction)) for gradient in one)
        low, high = min(others), max(others)
        gap = max(low - at, at - high)
        if np.isfinite([low, high]).all() and not gap <= margin:
            gaps[output] = gap
            place = [int(i) for i in np.unravel_index(output, output_shape)]
            broken = broken or Broken(
                f"the gradient of output {place} along a direction is {at:.4g}; "
                f"a hair away it is between {low:.4g} and {high:.4g}",
                shapes={"x": points.shape[1:], "y": output_shape},
                diagnosis=diagnosis.of_kink(one),
            )
    return gaps, broken
