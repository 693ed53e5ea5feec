"""How much of a map lies where the truth is: mass inside a mask, and precision at every height of the map."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinynet.arguments import real_array, truth_array
from tinynet.signatures import checked
from tinynet.types import Array


@checked
def mass_inside(maps: ArrayLike, masks: ArrayLike) -> NDArray[np.float64]:
    """Return the share of a map's absolute values that lies inside its mask.

    Parameters
    ----------
    maps : array_like of shape (N, H, W)
        How much each pixel matters, of either sign; signed sums could cancel and say anything.
    masks : array_like of shape (N, H, W)
        Where it should be (bool).

    Returns
    -------
    ndarray of shape (N,)
        A map that is the same everywhere has the mask's share of the area; one that is zero everywhere has NaN.

    Raises
    ------
    ValueError
        If the shapes differ or a map holds NaN.
    """
    heights, inside = _checked(maps, masks)
    heights = np.abs(heights)
    total = heights.sum(axis=1)
    return np.divide((heights * inside).sum(axis=1), total, out=np.full(len(total), np.nan), where=total > 0)


@checked
def average_precision(maps: ArrayLike, masks: ArrayLike) -> NDArray[np.float64]:
    """Return the area under the precision-recall curve of a map's values as guesses of its mask.

    Parameters
    ----------
    maps : array_like of shape (N, H, W)
        The higher, the more a pixel is said to matter.
    masks : array_like of shape (N, H, W)
        Where it does (bool).

    Returns
    -------
    ndarray of shape (N,)
        From 0 to 1, the mask's share of the area for a map that is the same everywhere: equal values are guessed
        together. NaN where the mask is empty.

    Notes
    -----
    The mean, over the pixels of the mask, of the precision when all pixels at least as high as it are guessed.
    """
    heights, inside = _checked(maps, masks)
    found = np.full(len(heights), np.nan)
    for index, (values, truth) in enumerate(zip(heights, inside, strict=True)):
        if truth.any():
            order = np.argsort(-values, kind="stable")
            ends = np.flatnonzero(np.append(np.diff(values[order]) != 0, True))  # of each run of equal values
            hits = np.cumsum(truth[order])[ends]
            found[index] = (np.diff(hits, prepend=0) * hits / (ends + 1)).sum() / truth.sum()
    return found


def _checked(maps: ArrayLike, masks: ArrayLike) -> tuple[Array, Array]:
    heights = real_array("maps", maps, ("N", "H", "W")).astype(np.float64)
    inside = truth_array("masks", masks, heights.shape)
    if np.isnan(heights).any():
        raise ValueError("a map holds NaN, so it says nothing of its places")
    return heights.reshape(len(heights), -1), inside.reshape(len(inside), -1)
