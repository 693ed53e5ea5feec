"""What does a network want to see? Images that raise a class or a unit, by gradients of pixels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from tinynet.arguments import instance
from tinynet.explain.norms import norm
from tinynet.explain.synthesis.objective import Objective
from tinynet.explain.synthesis.recipe import Canvas, Recipe
from tinynet.kernels import underflow_is_meant
from tinynet.network import Network, check_parameters, checked_network
from tinynet.notebook import ShownInBrief
from tinynet.progress import progress_bar
from tinynet.signatures import checked
from tinynet.targets.features import UnitChoice, carried_down, starting_image, unit_targets
from tinynet.types import Array

RESTARTS = 12  # other starts that are tried for a dead unit, each further from the first


@dataclass(frozen=True, eq=False, repr=False)
class MaximisedImages(ShownInBrief):
    """Images found by activation maximisation, and the objective at each step; an array wherever NumPy wants one.

    Attributes
    ----------
    images : ndarray of shape (..., *input_shape)
        One for each class or unit asked about.
    objective : ndarray of shape (steps + 1, ...)
        What was raised, less penalties, before the first step and after each.
    frames : ndarray of shape (frames, ..., *input_shape)
        Images on the way, the last one among them, if frames were asked for.
    """

    images: Array
    objective: NDArray[np.float64]
    frames: Array

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> Array:
        """Return the images."""
        return np.array(self.images, dtype) if copy else np.asarray(self.images, dtype)


@checked
def class_images(
    net: Network, classes: Sequence[int] | None = None, recipe: Recipe | None = None, **changes: Any
) -> MaximisedImages:
    """Return an image for each class that raises its logit.

    Parameters
    ----------
    net : Network
        A classifier of K classes.
    classes : sequence of int, optional
        Those asked about; all if not given.
    recipe : Recipe, optional
        How images are made, such as ``tn.explain.Recipe.of(training_images)``; `Recipe()` if not given.
    **changes
        Settings of the recipe that are to be others, such as ``start=mean_image, steps=20``.

    Returns
    -------
    MaximisedImages

    Raises
    ------
    ValueError
        If a class is none of the network's, or a setting cannot be meant.

    Notes
    -----
    The objective is z_c(x) - penalty |x - start|^2. The logit z_c, not the probability, which can be raised by
    lowering the other classes. :func:`maximised_images` says how it is raised.

    References
    ----------
    Simonyan et al. 2014, section 2.
    """
    return maximised_images(net, Objective.classes(net, classes), recipe, **changes)


@checked
def unit_images(
    net: Network, layer: str, units: UnitChoice, recipe: Recipe | None = None, **changes: Any
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
    recipe, **changes
        As in :func:`class_images`.

    Returns
    -------
    MaximisedImages

    Raises
    ------
    UnknownLayerError, ValueError
        If there is no such layer or unit, or a setting cannot be meant.

    Notes
    -----
    Ask for net inputs, such as those of ``"conv2"``, rather than for what an activation function makes of them: behind
    a saturated unit the slope vanishes, and a silent one has none.

    References
    ----------
    Erhan et al. 2009, section 3.
    """
    return maximised_images(net, Objective.units(net, layer, units), recipe, **changes)


@checked
@underflow_is_meant
def maximised_images(
    net: Network, objective: Objective, recipe: Recipe | None = None, **changes: Any
) -> MaximisedImages:
    """Return images that raise an objective.

    Parameters
    ----------
    net : Network
        A trained network.
    objective : Objective
        Such as ``Objective.units(net, "conv2", 3) - Objective.units(net, "conv2", 5)``.
    recipe, **changes
        As in :func:`class_images`.

    Returns
    -------
    MaximisedImages

    Raises
    ------
    ValueError
        If a setting cannot be meant, or weights are NaN.

    Notes
    -----
    The objective less its penalties is followed uphill. A step has the same root mean square for each image, whatever
    its gradient; one that would lower the objective is not taken and halves the rate of its image, so that the
    objective never falls. With jitter or diversity every step is taken, and the rate goes down to zero evenly.

    Where the gradient of an image is zero everywhere, as behind a unit that is silent, it begins again at noise around
    the start, further and further away.
    """
    check_parameters(checked_network(net).parameters())
    instance("objective", objective, Objective)
    how = Recipe() if recipe is None else instance("recipe", recipe, Recipe)
    canvas = Canvas(how.with_changes(**changes), net)
    count = int(np.prod(objective.pictures))
    climb = _Climb(net, objective, canvas, count)
    history, kept = [], []
    settings = canvas.recipe
    marks = set(np.linspace(0, settings.steps, settings.frames).round().astype(int).tolist())
    for step, (images, value) in enumerate(climb.walk()):
        history.append(value)
        if step in marks:
            kept.append(images)
    shape = (*objective.pictures, *net.input_shape)
    frames = np.array(kept, net.dtype).reshape(len(kept), *shape)
    return MaximisedImages(images.reshape(shape), np.array(history).reshape(len(history), *objective.pictures), frames)


@checked
@underflow_is_meant
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


class _Climb:
    """The way uphill of some images."""

    def __init__(self, net: Network, objective: Objective, canvas: Canvas, count: int) -> None:
        self.net, self.objective, self.canvas, self.count = net, objective, canvas, count
        self.same = ~np.eye(count, dtype=bool)  # pictures of one objective
        for term in objective.terms:
            rows = term.weights.reshape(len(term.weights), int(np.prod(term.weights.shape[1:])))
            self.same &= (rows[:, None] == rows).all(axis=-1)

    def walk(self) -> Iterator[tuple[Array, NDArray[np.float64]]]:
        """Yield the images and their objectives: at the start, and after each step."""
        recipe = self.canvas.recipe
        images = self.canvas.started(self.count)
        if recipe.steps:
            images = self.revived(images)
        value, slope = self.seen(images)
        yield images, value
        walk = self.wandering if recipe.jitter or recipe.diversity else self.climbing
        yield from progress_bar(walk(images, value, slope), show=recipe.progress, total=recipe.steps)

    def seen(self, images: Array) -> tuple[NDArray[np.float64], Array]:
        """Return the objective less penalties, and its slope."""
        trace = self.net.trace(images)
        value = self.objective.value(trace) - self.canvas.cost(images)
        return value.astype(np.float64), self.objective.slope(self.net, trace) - self.canvas.cost_slope(images)

    def revived(self, images: Array) -> Array:
        """Begin again elsewhere where the objective has no slope at all."""

        def alive(images: Array) -> Array:
            slope = self.objective.slope(self.net, self.net.trace(images))
            return np.asarray(slope.any(axis=self.canvas.axes, keepdims=True))

        lives = alive(images)
        for attempt in range(RESTARTS):
            if lives.all():
                break
            noise = self.canvas.drawn(images.shape, 0.1 * 2 ** (attempt / 2))
            tried = self.canvas.clipped(self.canvas.origin + noise)
            better = ~lives & alive(tried)
            images, lives = np.where(better, tried, images), lives | better
        return images

    def climbing(
        self, images: Array, value: NDArray[np.float64], slope: Array
    ) -> Iterator[tuple[Array, NDArray[np.float64]]]:
        """Take the steps that raise the objective, and halve those that do not."""
        rates = np.full((self.count, *[1] * len(self.canvas.axes)), self.canvas.recipe.rate, self.net.dtype)
        for _ in range(self.canvas.recipe.steps):
            tried = self.canvas.clipped(images + rates * self.canvas.step(images, slope))
            value_there, slope_there = self.seen(tried)
            better = value_there > value
            chosen = better.reshape(rates.shape)
            images, slope = np.where(chosen, tried, images), np.where(chosen, slope_there, slope)
            rates = np.where(chosen, rates, rates / 2)
            value = np.where(better, value_there, value)
            yield images, value

    def wandering(
        self, images: Array, value: NDArray[np.float64], slope: Array
    ) -> Iterator[tuple[Array, NDArray[np.float64]]]:
        """Take every step, at a place that is drawn anew each time, and ever smaller ones."""
        recipe, canvas = self.canvas.recipe, self.canvas
        for step in range(recipe.steps):
            shift = (
                tuple(canvas.rng.integers(-recipe.jitter, recipe.jitter + 1, 2).tolist()) if recipe.jitter else (0, 0)
            )
            if recipe.jitter:
                _, moved = self.seen(np.roll(images, shift, axis=(-2, -1)))
                slope = np.roll(moved, tuple(-each for each in shift), axis=(-2, -1))
            slope = slope - recipe.diversity * self.likeness_slope(images)
            rate = np.asarray(recipe.rate * (1 - step / recipe.steps), self.net.dtype)
            images = canvas.clipped(images + rate * canvas.step(images, slope))
            value, slope = self.seen(images)
            yield images, value

    def likeness_slope(self, images: Array) -> Array:
        """Return the slope of each image's mean cosine with the others of its objective.

        Notes
        -----
        Of d = x - start, and the cosines c_j with d_j: sum_j (d_j / |d_j| - c_j d / |d|) / |d|, over their number.
        """
        away = (images - self.canvas.origin).reshape(self.count, -1)
        size = np.maximum(norm(away, 1, keepdims=True), np.finfo(self.net.dtype).tiny)
        unit = away / size
        cosines = np.where(self.same, unit @ unit.T, 0)
        others = np.maximum(self.same.sum(axis=1, keepdims=True), 1)
        slope = (self.same @ unit - cosines.sum(axis=1, keepdims=True) * unit) / size / others
        return np.asarray(slope.reshape(images.shape), self.net.dtype)
