"""Units that do no work, seen in what they put out over many images: dead, constant, saturated, or copies of others."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tinynet.explain.units.outputs import unit_outputs
from tinynet.layers import Layer
from tinynet.layers.base import PassThrough
from tinynet.network import Network, chunks
from tinynet.notebook import ShownInBrief
from tinynet.types import Array

CONSTANT = 0.01  # of the largest range of a unit of the layer: a unit that ranges less is constant
NEAR_BOUND = 1 / 80  # of the range between the bounds: nearer, tanh and the sigmoid have under 1/20 of their slope
SATURATED = 0.95  # share of images and places at which a saturated unit is near a bound
ALIKE = 0.95  # correlation of outputs, in size, from which one of two units is redundant


class Hidden(NamedTuple):
    """Where the units of a hidden layer of weights show.

    Attributes
    ----------
    weights : Layer
        The layer that holds their weights.
    output : str
        Name of the output that shows them: that of the activation, or of the layer itself.
    """

    weights: Layer
    output: str


def hidden_layers(net: Network) -> list[Hidden]:
    """Return the layers of weights whose units are hidden: all but the last, which holds the outputs.

    Parameters
    ----------
    net : Network

    Raises
    ------
    ValueError
        If there is none.
    """
    weights = [layer for layer in net.layers if layer.params]
    found = [Hidden(*pair) for pair in zip(weights, unit_outputs(net), strict=True)][:-1]
    if not found:
        raise ValueError("the network has no hidden units, so there is nothing to inspect")
    return found


@dataclass(frozen=True, eq=False, repr=False)
class UnitStates(ShownInBrief):
    """What the units of a layer put out, in words; each an array over the units.

    Attributes
    ----------
    dead : ndarray of bool
        0 everywhere, for every image.
    constant : ndarray of bool
        Not dead, but with a range, over images and places, of at most 1 % of the largest in its layer.
    saturated : ndarray of bool
        Near a bound of the activation function, where its slope is under 1/20 of the steepest, for at least 95 % of
        images and places.
    copies : ndarray of int
        The unit that it says the same as, correlation at least 0.95 in size, or -1. Of units that say the same, the one
        that varies most is nobody's copy.
    likeness : ndarray of float
        Correlation of its outputs with those of the unit it copies; NaN for others.
    weight_likeness : ndarray of float
        Cosine of its incoming weights with those of the unit it copies; NaN for others.
    """

    dead: NDArray[np.bool_]
    constant: NDArray[np.bool_]
    saturated: NDArray[np.bool_]
    copies: NDArray[np.int64]
    likeness: Array
    weight_likeness: Array

    @property
    def idle(self) -> NDArray[np.bool_]:
        """Units whose work a bias or another unit could do: dead, constant, or copies."""
        return np.asarray(self.dead | self.constant | (self.copies >= 0))


@dataclass
class _Moments:
    """What is added up over images and places, about a first guess of the mean, in float64."""

    count: int
    shift: Array
    sums: Array
    products: Array
    low: Array
    high: Array
    near: Array


def unit_states(net: Network, x: Array, batch_size: int = 256) -> dict[str, UnitStates]:
    """Return what the hidden units put out over some images, by the name of the output that shows them.

    Parameters
    ----------
    net : Network
    x : ndarray of shape (N, *input_shape)
        At least one image.
    batch_size : int
        Images worked through at a time.

    Notes
    -----
    Covariances are sums of products about the means of the first images, in float64, so that nothing nearly equal is
    subtracted.
    """
    hidden = hidden_layers(net)
    found: dict[str, _Moments] = {}
    for rows in chunks(len(x), batch_size):
        trace = net.trace(x[rows])
        for _, output in hidden:
            values = _by_unit(trace[output], net.shapes[output])
            found[output] = _added(found.get(output), values, _bounds(net, output))
    return {output: _judged(found[output], weights) for weights, output in hidden}


def _by_unit(output: Array, shape: tuple[int, ...]) -> Array:
    """Return an output as float64 of shape (units, images and places)."""
    return np.moveaxis(output, -len(shape), 0).reshape(shape[0], -1).astype(np.float64)


def _bounds(net: Network, output: str) -> tuple[float, float]:
    layer = net[output]
    return layer.bounds if isinstance(layer, PassThrough) else (-math.inf, math.inf)


def _added(moments: _Moments | None, values: Array, bounds: tuple[float, float]) -> _Moments:
    units = len(values)
    if moments is None:
        nothing = np.zeros(units)
        high, low = np.full(units, -np.inf), np.full(units, np.inf)
        moments = _Moments(0, values.mean(axis=1), nothing, np.zeros((units, units)), low, high, nothing)
    moved = values - moments.shift[:, None]
    near = np.zeros(units)
    if all(map(math.isfinite, bounds)):
        gap = NEAR_BOUND * (bounds[1] - bounds[0])
        near = ((values < bounds[0] + gap) | (values > bounds[1] - gap)).sum(axis=1)
    return _Moments(
        moments.count + values.shape[1],
        moments.shift,
        moments.sums + moved.sum(axis=1),
        moments.products + moved @ moved.T,
        np.minimum(moments.low, values.min(axis=1)),
        np.maximum(moments.high, values.max(axis=1)),
        moments.near + near,
    )


def _judged(moments: _Moments, weights: Layer) -> UnitStates:
    mean = moments.sums / moments.count
    covariance = moments.products / moments.count - np.outer(mean, mean)
    dead = (moments.low == 0) & (moments.high == 0)
    reach = moments.high - moments.low
    constant = ~dead & (reach <= CONSTANT * reach.max())
    copies, likeness = _copies(covariance, awake=~dead & ~constant)
    return UnitStates(
        dead, constant, moments.near >= SATURATED * moments.count, copies, likeness, _weight_cosines(weights, copies)
    )


def _copies(covariance: Array, awake: Array) -> tuple[NDArray[np.int64], Array]:
    """Go through the units, those that vary most first: each is kept, unless it says the same as one that is."""
    variance = covariance.diagonal()
    copies, likeness = np.full(len(variance), -1), np.full(len(variance), np.nan)
    kept: list[int] = []
    for unit in np.argsort(-variance, kind="stable"):
        if not awake[unit]:
            continue
        found = covariance[unit, kept] / np.sqrt(variance[unit] * variance[kept])
        if kept and np.abs(found).max() >= ALIKE:
            best = int(np.abs(found).argmax())
            copies[unit], likeness[unit] = kept[best], np.clip(found[best], -1, 1)
        else:
            kept.append(int(unit))
    return copies, likeness


def _weight_cosines(weights: Layer, copies: NDArray[np.int64]) -> Array:
    flat = weights.params["W"].reshape(len(copies), -1).astype(np.float64) if "W" in weights.params else None
    cosines = np.full(len(copies), np.nan)
    for unit in np.flatnonzero(copies >= 0):
        if flat is not None:
            norms = np.linalg.norm(flat[unit]) * np.linalg.norm(flat[copies[unit]])
            cosines[unit] = flat[unit] @ flat[copies[unit]] / norms if norms else np.nan
    return cosines
