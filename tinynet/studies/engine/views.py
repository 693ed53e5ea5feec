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
