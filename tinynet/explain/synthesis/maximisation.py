"""What does a network want to see? Images that raise a class or a unit, by gradients of pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinynet.arguments import finite_number, whole_number
from tinynet.classes import class_numbers
from tinynet.explain.norms import directions
from tinynet.explain.prediction import Prediction
from tinynet.network import Network
from tinynet.signatures import checked
from tinynet.targets.features import UnitChoice, carried_down, starting_image, unit_targets
from tinynet.types import Array


class MaximisedImages(NamedTuple):
    """Images found by activation maximisation, and the objective at each step.

    Attributes
    ----------
    images : ndarray of shape (..., *input_shape)
        One for each class or unit asked about.
    objective : ndarray of shape (steps + 1, ...)
        What was raised, before the first step and after each.
    """

    images: Array
    objective: NDArray[np.float64]


@checked
def class_images(
    net: Network,
    classes: Sequence[int] | None = None,
    *,
    start: ArrayLike = 0.0,
    steps: int = 100,
    rate: float = 0.1,
    penalty: float = 1e-3,
) -> MaximisedImages:
    """Return an image for each class that raises its logit.

    Parameters
    ----------
    net : Network
        A classifier of K classes.
    classes : sequence of int, optional
        Those asked about; all if not given.
    start : array_like that broadcasts to input_shape
        Where each image starts, such as the mean of the training images; the penalty is on the distance from it.
    steps : int
        How many steps to take.
    rate : float
        Root mean square of the first step, in pixel values.
    penalty : float
        Weight of the squared distance from the start.

    Returns
    -------
    MaximisedImages

    Raises
    ------
    ValueError
        If a class is none of the network's, or `start` is of another shape.

    Notes
    -----
    The objective is z_c(x) - penalty |x - start|^2. The logit z_c, not the probability, which can be raised by
    lowering the other classes. :func:`unit_images` says how it is raised.

    References
    ----------
    Simonyan et al. 2014, section 2.
    """
    prediction = Prediction(net)
    asked = class_numbers(classes, prediction.count)
    origin = starting_image(net, start)
    seeds = prediction.seed(net.trace(origin), asked)
    return _raised(net, prediction.at, seeds, origin, steps, rate, penalty)


@checked
def unit_images(
    net: Network,
    layer: str,
    units: UnitChoice,
    *,
    start: ArrayLike = 0.0,
    steps: int = 100,
    rate: float = 0.1,
    penalty: float = 1e-3,
) -> MaximisedImages:
    """Return an image for each unit, or set of units, that raises its output: activation maximisation.

    Parameters
    ----------
    net : Network
        A trained network.
    layer, units : str, and int or sequence
        As in :func:`tinynet.extract_feature`.
        For a set of units, and for the places of a feature map, the sum of the outputs is raised; for float targets
        the sum weighted by them.
    start, steps, rate, penalty
        As in :func:`class_images`.

    Returns
    -------
    MaximisedImages

    Raises
    ------
    UnknownLayerError, ValueError
        If there is no such layer or unit, or `start` is of another shape.

    Notes
    -----
    The objective is y_u(x) - penalty |x - start|^2, with the gradient dy_u/dx - 2 penalty (x - start). A step has the
    same root mean square for each image, whatever its gradient; one that would lower the objective is not taken and
    halves the rate of its image, so that the objective never falls.

    References
    ----------
    Erhan et al. 2009, section 3.
    """
    seeds = unit_targets(net, layer, units)
    shape = net.shapes[layer]
    batch = seeds.shape[: seeds.ndim - len(shape)]
    found = _raised(net, layer, seeds.reshape(-1, *shape), starting_image(net, start), steps, rate, penalty)
    return MaximisedImages(found.images.reshape(*batch, *net.input_shape), found.objective.reshape(steps + 1, *batch))


@checked
def gradient_feature(net: Network, layer: str, units: UnitChoice, start: ArrayLike | None = None) -> Array:
    """Return the gradient of a unit's output with respect to the pixels: the feature by plain backpropagation.

    Parameters
    ----------
    net : Network
        A trained network.
    layer, units : str, and int or sequence
        As in :func:`tinynet.extract_feature`.
        For a set of units, and for the places of a feature map, of the sum of their outputs; for float targets of the
        sum weighted by them.
    start : array_like that broadcasts to input_shape, optional
        The image at which the gradient is taken; zeros if not given.

    Returns
    -------
    ndarray of shape (..., *input_shape)
        With leading axes as of :func:`tinynet.extract_feature`.

    Notes
    -----
    dy_u/dx, by a backward pass with the seed 1 at the units asked about. Target propagation carries the residual
    y - target, of all units, in the place of that seed and scales it by -tau at each layer with weights; from zero, it
    also takes the activations along.

    References
    ----------
    Simonyan et al. 2014, section 3.
    """
    trace = net.trace(starting_image(net, start))
    seeds = unit_targets(net, layer, units)
    return carried_down(net, layer, seeds, lambda part: net.backward(trace, part, at=layer).input)


def _raised(
    net: Network, layer: str, seeds: Array, origin: Array, steps: int, rate: float, penalty: float
) -> MaximisedImages:
    """Return an image for each seed that <seed, output of the layer> is high for."""
    steps = whole_number("steps", steps, 0, 10**6)
    rate, penalty = finite_number("rate", rate, above=0), finite_number("penalty", penalty, least=0)
    images = np.repeat(origin[None], len(seeds), axis=0)
    axes, of_unit = tuple(range(1, images.ndim)), tuple(range(1, seeds.ndim))
    rates = np.full((len(seeds), *[1] * len(axes)), rate, net.dtype)

    def ascend(x: Array) -> tuple[Array, Array]:
        """Return the objective and its gradient."""
        trace = net.trace(x)
        away = x - origin
        value = (trace[layer] * seeds).sum(axis=of_unit) - penalty * np.square(away).sum(axis=axes)
        slope = net.backward(trace, seeds, at=layer)["input"] - 2 * np.asarray(penalty, net.dtype) * away
        return value.astype(np.float64), slope

    objective, slope = ascend(images)
    history = [objective]
    for _ in range(steps):
        tried = images + rates * directions(slope, axes, mean=True)
        value, slope_there = ascend(tried)
        better = value > objective
        chosen = better.reshape(rates.shape)
        images, slope = np.where(chosen, tried, images), np.where(chosen, slope_there, slope)
        rates = np.where(chosen, rates, rates / 2)
        objective = np.where(better, value, objective)
        history.append(objective)
    return MaximisedImages(images, np.array(history))
