"""Images and maps as the arrays that matplotlib draws: scaled, in lines of squares, side by side."""

from __future__ import annotations

from math import ceil

import numpy as np

from tinynet.types import Array


def aspect(pictures: Array) -> float:
    """Return height over width of images, at most 1.5: taller ones are drawn narrower than their place.

    Parameters
    ----------
    pictures : ndarray of shape (..., H, W)
    """
    return min(float(pictures.shape[-2] / pictures.shape[-1]), 1.5)


def as_drawn(picture: Array) -> Array:
    """Return an image as matplotlib takes it, 0 to 1: (H, W) for grey, (H, W, 3) for RGB.

    Parameters
    ----------
    picture : ndarray of shape (C, H, W)
    """
    low, high = min(float(picture.min()), 0.0), max(float(picture.max()), 1.0)
    scaled = (picture - low) / (high - low)
    return np.moveaxis(scaled, 0, -1) if len(picture) == 3 else scaled.mean(axis=0)


def montage(maps: Array, per_line: int) -> Array:
    """Return maps, or single values, in lines of squares with gaps of NaN around them.

    Parameters
    ----------
    maps : ndarray of shape (units, ...)
    per_line : int
    """
    squares = maps.reshape(len(maps), *(maps.shape[1:] or (1, 1)))
    if squares.shape[1:] == (1, 1):
        squares = squares.repeat(12, axis=1).repeat(12, axis=2)
    side = max(squares.shape[1:])
    gap = max(side // 12, 1)
    sheet = np.full((ceil(len(maps) / per_line) * (side + gap) + gap, per_line * (side + gap) + gap), np.nan)
    for index, square in enumerate(squares):
        line, column = divmod(index, per_line)
        top, left = line * (side + gap) + gap, column * (side + gap) + gap
        sheet[top : top + square.shape[0], left : left + square.shape[1]] = square
    return sheet


def side_by_side(pictures: Array) -> Array:
    """Return one picture of several, with a little white on the right of each.

    Parameters
    ----------
    pictures : ndarray of shape (P, C, H, W)
    """
    drawn = [as_drawn(picture) for picture in pictures]
    gap = ceil(drawn[0].shape[1] / 24)
    return np.hstack([np.pad(d, [(0, 0), (0, gap)] + [(0, 0)] * (d.ndim - 2), constant_values=1) for d in drawn])
