"""Dreams: an image is changed so that a layer sees more of whatever it sees in it, at several sizes."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from tinynet.arguments import finite_array, finite_number, how_often
from tinynet.explain.synthesis.maximisation import maximised_images
from tinynet.explain.synthesis.objective import Objective
from tinynet.explain.synthesis.recipe import Recipe
from tinynet.kernels import underflow_is_meant
from tinynet.network import Network, UnknownLayerError
from tinynet.notebook import ShownInBrief
from tinynet.signatures import checked
from tinynet.targets.features import UnitChoice
from tinynet.types import Array

DREAMING = Recipe(steps=20, rate=0.03, penalty=0.0, jitter=1)


@dataclass(frozen=True, eq=False, repr=False)
class Dream(ShownInBrief):
    """What became of an image; an array wherever NumPy wants one.

    Attributes
    ----------
    image : ndarray of shape (C, H, W)
    objective : ndarray of shape (octaves, steps + 1)
        Half the squared outputs of the layer, summed, at the size of each octave.
    frames : ndarray of shape (frames, C, H, W)
        Images on the way, at the size of the last, if frames were asked for.
    """

    image: Array
    objective: NDArray[np.float64]
    frames: Array

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> Array:
        """Return the image."""
        return np.array(self.image, dtype) if copy else np.asarray(self.image, dtype)


@checked
@underflow_is_meant
def deep_dream(
    net: Network,
    image: ArrayLike,
    layer: str,
    units: UnitChoice | None = None,
    *,
    octaves: int | None = None,
    ratio: float = 1.4,
    recipe: Recipe | None = None,
    **changes: Any,
) -> Dream:
    """Return an image in which a layer sees more of whatever it saw.

    Parameters
    ----------
    net : Network
        A trained network.
    image : array_like of shape (C, H, W)
        Any image of as many channels as the network's. For the filters of a layer it may have any size that is not too
        small; units behind them have weights for one size alone.
    layer : str
    units : int or sequence, optional
        As in :func:`tinynet.extract_feature`: those that are to see more; all of the layer if not given.
    octaves : int, optional
        At how many sizes, from small to that of the image. Those too small for the layer are left out. Three if not
        given, or one behind the filters.
    ratio : float
        Of one size to the next.
    recipe : Recipe, optional
        How each octave is made; if not given, twenty steps with a jitter of one pixel. Its start is not used, and
        without limits pixels stay within those of the image.
    **changes
        Settings of the recipe that are to be others.

    Returns
    -------
    Dream

    Raises
    ------
    UnknownLayerError, ValueError
        If there is no such layer or unit, or the image does not fit.

    Notes
    -----
    The objective is half the squared length of the layer's outputs, whose slope at the layer is the outputs themselves:
    what is there already is amplified. What was added at one size is enlarged and added to the image at the next, so
    that coarse shapes come before fine ones.

    References
    ----------
    Mordvintsev, Olah and Tyka 2015, "Inceptionism: going deeper into neural networks".

    Examples
    --------
    >>> import numpy as np, tinynet as tn
    >>> net = tn.Network([tn.Conv2D(4, 3), tn.ReLU(), tn.Flatten(), tn.Dense(3), tn.Softmax()], (1, 8, 8))
    >>> np.asarray(tn.explain.deep_dream(net, np.eye(12)[None], "relu1", steps=2)).shape
    (1, 12, 12)
    """
    if layer not in net.names[1:]:
        raise UnknownLayerError(layer, net.names[1:])
    picture = finite_array("image", image, net.dtype)
    if picture.ndim != 3 or len(net.input_shape) != 3 or len(picture) != net.input_shape[0]:
        raise ValueError(f"image has shape {picture.shape}, expected ({net.input_shape[0]}, H, W)")
    places = len(net.shapes[layer]) == 3
    if not places and (picture.shape != net.input_shape or octaves not in (None, 1)):
        raise ValueError(
            f"{layer}: has weights for images of shape {net.input_shape} alone, so it dreams in one octave"
        )
    count = (3 if places else 1) if octaves is None else how_often("octaves", octaves)
    ratio = finite_number("ratio", ratio, above=1)
    settings = (recipe or DREAMING).with_changes(**changes)
    if settings.limits is None:
        low, high = float(picture.min()), float(picture.max())
        settings = settings.with_changes(limits=(low, high) if low < high else (low, low + 1))
    settings = settings.with_changes(rng=np.random.default_rng(settings.rng))

    sizes = [tuple(round(length / ratio**k) for length in picture.shape[1:]) for k in range(count)][::-1]
    dreamers = [(part, size) for size in sizes if (part := _seeing(net, layer, (len(picture), *size))) is not None]
    if not dreamers:
        raise ValueError(f"{layer}: an image of {picture.shape[1:]} pixels is too small for it")
    added, history, frames = np.zeros((len(picture), 1, 1), net.dtype), [], []
    for part, size in dreamers:
        base = _resized(picture, size)
        begun = np.clip(base + _resized(added, size), *settings.limits)  # type: ignore[misc]
        objective = Objective.squares(part, layer, units)
        found = maximised_images(part, objective, settings, start=begun)
        result = found.images.reshape(base.shape)
        added = result - base
        history.append(found.objective.reshape(-1))
        frames += [_resized(frame.reshape(base.shape), picture.shape[1:]) for frame in found.frames]
    return Dream(result, np.array(history), np.array(frames, net.dtype).reshape(-1, *picture.shape))


def _seeing(net: Network, layer: str, shape: tuple[int, ...]) -> Network | None:
    """Return the part of a network up to a layer, for inputs of another size; None if that is too small for it."""
    if shape == net.input_shape:
        return net
    below = net.layers[: net.names.index(layer)]
    with suppress(ValueError):
        return Network(below, shape, dtype=net.dtype)
    return None


def _resized(image: Array, size: tuple[int, ...]) -> Array:
    """Return an image of another height and width, by straight lines between pixels."""
    from scipy.ndimage import zoom

    if image.shape[1:] == size:
        return image
    factors = (1.0, *(new / old for new, old in zip(size, image.shape[1:], strict=True)))
    return np.asarray(zoom(image, factors, order=1, mode="nearest", grid_mode=True), image.dtype)
