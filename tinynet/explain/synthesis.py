"""What does the network think a class looks like? Images that raise its logit, by gradient ascent on pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinynet.network import Network

Array = NDArray[Any]


class ClassImages(NamedTuple):
    """Images made to be of a class, and how that went.

    Attributes
    ----------
    images : ndarray of shape (M, *input_shape)
        One for each class asked about.
    objective : ndarray of shape (steps + 1, M)
        What was raised, before the first step and after each.
    """

    images: Array
    objective: NDArray[np.float64]


def class_images(
    net: Network,
    classes: Sequence[int] | None = None,
    *,
    start: ArrayLike = 0.0,
    steps: int = 100,
    rate: float = 0.1,
    penalty: float = 1e-3,
) -> ClassImages:
    """Return an image for each class that its logit is high for.

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
    ClassImages

    Raises
    ------
    ValueError
        If a class is none of the network's, or `start` is of another shape.

    Notes
    -----
    The objective is z_c(x) - penalty |x - start|^2, with the gradient dz_c/dx - 2 penalty (x - start). The logit, not
    the probability, which can be raised by lowering the other classes. A step has the same root mean square for each
    image, whatever its gradient; one that would lower the objective is not taken and halves the rate of its image, so
    that the objective never falls.

    References
    ----------
    Simonyan et al. 2014, section 2.
    """
    known = net.output_shape[0]
    asked = np.arange(known) if classes is None else np.asarray(classes, np.int64)
    for label in asked:
        if not 0 <= label < known:
            raise ValueError(f"class {label} is none of the network's, expected 0 to {known - 1}")
    try:
        origin = np.broadcast_to(np.asarray(start, net.dtype), net.input_shape)
    except ValueError:
        raise ValueError(f"start has shape {np.shape(start)}, expected {net.input_shape}") from None
    seeds = np.eye(known, dtype=net.dtype)[asked]
    images = np.repeat(origin[None], len(asked), axis=0)
    axes = tuple(range(1, images.ndim))
    rates = np.full((len(asked), *[1] * len(axes)), rate, net.dtype)

    def ascend(x: Array) -> tuple[Array, Array]:
        """Return the objective and its gradient."""
        trace = net.trace(x)
        away = x - origin
        value = (trace[net.logits] * seeds).sum(axis=1) - penalty * np.square(away).sum(axis=axes)
        slope = net.backward(trace, seeds, at=net.logits)["input"] - 2 * np.asarray(penalty, net.dtype) * away
        return value.astype(np.float64), slope

    objective, slope = ascend(images)
    history = [objective]
    for _ in range(steps):
        size = np.sqrt(np.square(slope).mean(axis=axes, keepdims=True))
        tried = images + rates * np.divide(slope, size, out=np.zeros_like(slope), where=size > 0)
        value, slope_there = ascend(tried)
        better = value > objective
        chosen = better.reshape(rates.shape)
        images, slope = np.where(chosen, tried, images), np.where(chosen, slope_there, slope)
        rates = np.where(chosen, rates, rates / 2)
        objective = np.where(better, value, objective)
        history.append(objective)
    return ClassImages(images, np.array(history))
