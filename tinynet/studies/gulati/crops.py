"""Few photographs, seen as if they had been taken otherwise: from nearer, from the other side, in another light."""

from __future__ import annotations

from itertools import product

import numpy as np

from tinynet.network import Network
from tinynet.types import Array

CORNERS = tuple(product((0, 1), repeat=2))


def retaken(
    x: Array, y: Array, copies: int, least: float, light: float, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Return copies of images, each a window drawn as large as the image, every other one mirrored, in another light.

    Parameters
    ----------
    x : ndarray of shape (N, C, H, W)
        0 (black) to 1 (white).
    y : ndarray of shape (N, ...)
    copies : int
    least : float
        Share of the image's height, and of its width, that a window has at least.
    light : float
        How far the contrast goes up or down at most; brightness by half as much.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of shape (copies * N, C, H, W)
    ndarray of shape (copies * N, ...)
        The answers to all.
    """
    found = np.concatenate([x] * copies)
    for image in found:
        for axis in (1, 2):
            share = rng.uniform(least, 1)
            image[...] = enlarged(image, axis, rng.uniform(0, 1 - share) * image.shape[axis], share)
        if rng.integers(2):
            image[...] = image[..., ::-1].copy()
        contrast, brightness = light * rng.uniform(-1, 1, size=2) * (1, 0.5)
        image[...] = np.clip(image + contrast * (image - image.mean()) + brightness, 0, 1)
    return found, np.concatenate([y] * copies)


def answers(net: Network, x: Array, share: float) -> Array:
    """Return what a network answers on the mean to whole images, to windows in corners and middle, and all mirrored.

    Parameters
    ----------
    net : Network
    x : ndarray of shape (N, C, H, W)
    share : float
        Of a window in the height and the width.

    Returns
    -------
    ndarray of shape (N, outputs)

    References
    ----------
    Krizhevsky, Sutskever and Hinton 2012, section 4.1, without the whole image.
    """
    seen = [x]
    for place in (*CORNERS, (0.5, 0.5)):
        window = x
        for axis, at in enumerate(place, start=2):
            window = enlarged(window, axis, at * (1 - share) * x.shape[axis], share)
        seen.append(window)
    return np.asarray(np.mean([net(each[..., ::way]) for each in seen for way in (1, -1)], axis=0))


def enlarged(image: Array, axis: int, start: float, share: float) -> Array:
    """Return a stretch of an image drawn as long as the whole, by linear interpolation.

    Parameters
    ----------
    image : ndarray
    axis : int
        The stretch is along this one.
    start : float
        Of the stretch, in pixels from the edge.
    share : float
        Of the stretch in the length of the image.
    """
    length = image.shape[axis]
    places = np.clip(start + (np.arange(length) + 0.5) * share - 0.5, 0, length - 1)
    left = places.astype(int)
    weight = (places - left).astype(image.dtype).reshape([-1 if each == axis else 1 for each in range(image.ndim)])
    right = np.minimum(left + 1, length - 1)
    return image.take(left, axis) * (1 - weight) + image.take(right, axis) * weight
