"""More views of the same images, for networks that would learn few of them by heart."""

from __future__ import annotations

import numpy as np

from tinynet.types import Array


def mirrored(x: Array, y: Array) -> tuple[Array, Array]:
    """Return images and their mirror images, with the answers to both.

    Parameters
    ----------
    x : ndarray of shape (N, C, H, W)
    y : ndarray of shape (N, ...)
    """
    return np.concatenate([x, x[..., ::-1]]), np.concatenate([y, y])


def shifted(x: Array, y: Array, copies: int, reach: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return copies of images, each shifted at random and every other one mirrored, with the answers to all.

    Parameters
    ----------
    x : ndarray of shape (N, C, H, W)
    y : ndarray of shape (N, ...)
    copies : int
    reach : int
        Pixels by which a copy is shifted at most, down and right or up and left; pixels of the edge fill the gap.
    rng : numpy.random.Generator
    """
    height, width = x.shape[2:]
    framed = np.pad(x, ((0, 0), (0, 0), (reach, reach), (reach, reach)), mode="edge")
    found = np.concatenate([x] * copies)
    for copy, image in enumerate(found):
        top, left = rng.integers(2 * reach + 1, size=2)
        cut = framed[copy % len(x), :, top : top + height, left : left + width]
        image[...] = cut[..., ::-1] if rng.integers(2) else cut
    return found, np.concatenate([y] * copies)
