"""How easily is the network fooled? Every image moved towards every class, along the gradient of its prediction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinynet.arguments import check_finite, finite_array, finite_number, one_of, whole_number, wrong
from tinynet.classes import check_labels, class_count, predicted
from tinynet.explain import norms
from tinynet.explain.gradients import prediction_gradient
from tinynet.network import Network, chunks
from tinynet.notebook import ShownInBrief
from tinynet.signatures import checked
from tinynet.types import Array


@dataclass(frozen=True, repr=False)
class Attack(ShownInBrief):
    """What a classifier makes of images that are moved towards other classes.

    Attributes
    ----------
    steps : ndarray of shape (S,)
        How far they are moved.
    labels : ndarray of shape (N,)
        Their classes.
    before : ndarray of shape (N,)
        What they are predicted as when not moved.
    predictions : ndarray of shape (S, K, N)
        What image n is predicted as after step s towards class k.
    true_output, target_output : ndarray of shape (S, K, N)
        The network's output for the image's own class, and for the class that it was moved towards.
    """

    steps: NDArray[np.float64]
    labels: NDArray[np.int64]
    before: NDArray[np.int64]
    predictions: NDArray[np.int64]
    true_output: Array
    target_output: Array

    def success(self) -> NDArray[np.float64]:
        """Return how many images are predicted as the class that they were moved towards.

        Returns
        -------
        ndarray of shape (S, K)
            Share of the images of other classes that were right before; NaN if there are none.
        """
        return self._share(self.predictions == self._targets())

    def error(self) -> NDArray[np.float64]:
        """Return how many images are misclassified when moved towards each class.

        Returns
        -------
        ndarray of shape (S, K)
            Share of the images of other classes that were right before; NaN if there are none. Hitting the target is
            one way of being misclassified, so this is never below `success`.
        """
        return self._share(self.predictions != self.labels)

    def counted(self) -> NDArray[np.bool_]:
        """Return which images count for which target: those of other classes that were right before.

        Returns
        -------
        ndarray of shape (K, N)
        """
        return (self.before == self.labels) & (self._targets() != self.labels)

    def _targets(self) -> NDArray[np.int64]:
        return np.arange(self.predictions.shape[1])[:, None]

    def _share(self, happened: NDArray[np.bool_]) -> NDArray[np.float64]:
        counted = self.counted()
        with np.errstate(invalid="ignore"):
            return np.asarray((happened & counted).sum(axis=2) / counted.sum(axis=1, dtype=np.float64))


@checked
def adversarial_directions(
    net: Network,
    x: ArrayLike,
    target: int | str | ArrayLike,
    of: str = "logit",
    norm: str = "l2",
    batch_size: int = 256,
) -> Array:
    """Return the direction in which each image becomes more of a class.

    Parameters
    ----------
    net : Network
        A classifier.
    x : array_like of shape (N, *input_shape)
        Images.
    target : int, array_like of shape (N,) or "all"
        The class: one for all images, one an image, or each of the K classes.
    of : {"logit", "probability", "log_probability", "margin"}
        Which prediction is to rise.
    norm : {"l2", "max", "none"}
        Scale each gradient to the Euclidean length 1, take its signs, or leave it as it is. As it is, the gradient of
        a probability all but vanishes where the network is sure, and steps along it lead nowhere.
    batch_size : int
        Images worked through at a time.

    Returns
    -------
    ndarray of shape (N, *input_shape), with target="all" of shape (K, N, *input_shape)
        A gradient of zeros stays one.

    References
    ----------
    Lo 2016, section 4.4; Goodfellow et al. 2015, section 4, for the signs.
    """
    gradient = prediction_gradient(net, x, target, of, layers=["input"], batch_size=batch_size)["input"]
    one_of("norm", norm, ("l2", "max", "none"))
    if norm == "none":
        return np.array(gradient)
    if norm == "max":
        return np.sign(gradient)
    axes = tuple(range(gradient.ndim - len(net.input_shape), gradient.ndim))
    return norms.directions(gradient, axes)


@checked
def attack(
    net: Network,
    x: ArrayLike,
    labels: ArrayLike,
    steps: ArrayLike,
    of: str = "logit",
    norm: str = "l2",
    limits: str | tuple[float, float] | None = "data",
    batch_size: int = 256,
) -> Attack:
    """Return what images are predicted as when they are moved towards each class, by steps of several sizes.

    Parameters
    ----------
    net : Network
        A classifier; one with a single output has two classes.
    x : array_like of shape (N, *input_shape)
        Images.
    labels : array_like of shape (N,)
        Their classes.
    steps : array_like of shape (S,)
        How far to move, in units of the direction's length.
    of, norm : str
        Which prediction is to rise, and how gradients are scaled, as in :func:`adversarial_directions`.
    limits : "data", pair of float, or None
        Darkest and brightest value that a pixel may have, to which moved images are clipped: those that occur in `x`,
        the two given, or none.
    batch_size : int
        Moved images worked through at a time, which bounds the memory.

    Returns
    -------
    Attack

    Raises
    ------
    ValueError
        If images lie outside the limits themselves: clipping would change them even where nothing is moved.

    References
    ----------
    Lo 2016, section 4.4, figures 4.5 to 4.7.
    """
    images = net.as_batch(x)
    classes = class_count(net)
    wanted = check_labels(labels, classes)
    if len(wanted) != len(images):
        raise ValueError(f"got {len(images)} images and {len(wanted)} labels, expected as many")
    sizes = finite_array("steps", steps, np.float64, ("S",))
    check_finite("steps", sizes, net.dtype)
    at_a_time = max(whole_number("batch_size", batch_size) // classes, 1)
    bounds = _limits(images, limits)
    outputs = np.empty((len(sizes), classes, len(images), classes), net.dtype)
    for rows in chunks(len(images), at_a_time):
        directions = adversarial_directions(net, images[rows], "all", of, norm)
        for number, size in enumerate(sizes):
            found = net(moved(images[rows], directions, size, bounds), batch_size)
            outputs[number, :, rows] = found if net.output_shape[0] > 1 else np.concatenate([1 - found, found], axis=-1)
    everyone = np.arange(len(images))
    return Attack(
        steps=sizes,
        labels=wanted,
        before=predicted(net(images, batch_size)),
        predictions=predicted(outputs),
        true_output=outputs[:, :, everyone, wanted],
        target_output=np.moveaxis(np.diagonal(outputs, axis1=1, axis2=3), -1, 1),
    )


def moved(x: Array, directions: Array, step: float, limits: tuple[float, float] | None) -> Array:
    """Return images moved along directions, clipped to what a pixel may be.

    Parameters
    ----------
    x : ndarray of shape (N, *input_shape)
        Images.
    directions : ndarray of shape (..., N, *input_shape)
        As :func:`adversarial_directions` returns them.
    step : float
        How far.
    limits : pair of float, or None
        Darkest and brightest value of a pixel; None: nothing is clipped.
    """
    there = x + np.asarray(step, directions.dtype) * directions
    return there if limits is None else np.clip(there, *limits)


def _limits(images: Array, limits: str | tuple[float, float] | None) -> tuple[float, float] | None:
    """Return the darkest and brightest value of a pixel, having checked that the images keep to them."""
    if limits is None or not images.size:
        return None
    found = float(images.min()), float(images.max())
    if isinstance(limits, str):
        one_of("limits", limits, ["data"])
        return found
    if not isinstance(limits, (tuple, list, np.ndarray)) or len(limits) != 2:
        raise wrong("limits", limits, '"data", a pair of numbers, or None')
    low, high = (finite_number("limits", limit) for limit in limits)
    if found[0] < low or found[1] > high:
        raise ValueError(f"limits are {low:g} to {high:g}, but the images reach from {found[0]:g} to {found[1]:g}")
    return low, high
