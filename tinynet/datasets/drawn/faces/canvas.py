"""A face's place in its picture, and the fine canvas that it is painted on."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinynet.datasets.dataset import PLANTED
from tinynet.datasets.drawn.shapes import Array, Bounds, Shape

Window = tuple[slice, slice]
Tone = float | Callable[[Array, Array], Array]

SIZE = 60
FINE = 4  # sub-pixels along a pixel's side
PARTS = ("background", "clothes", "neck", "ears", "skin", "hair", "brows", "eyes", "nose", "mouth", "beard", "glasses")


@dataclass(frozen=True)
class Pose:
    """Where a face stands in its picture: shifted by (`dx`, `dy`), turned by `angle`, enlarged by `scale`."""

    dx: float = 0.0
    dy: float = 0.0
    angle: float = 0.0
    scale: float = 1.0

    def face_grid(self, cells: int) -> tuple[Array, Array]:
        """Return the face's coordinates at the centres of `cells` x `cells` equal cells of the picture.

        Parameters
        ----------
        cells : int
            Along a side of the picture.

        Returns
        -------
        x, y : ndarray of shape (cells, cells)
            Pixels to the right of the face's middle and below it.
        """
        centre = (np.arange(cells) + 0.5) * (SIZE / cells) - SIZE / 2
        u, v = (centre[None, :] - self.dx) / self.scale, (centre[:, None] - self.dy) / self.scale
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        return u * cos + v * sin, v * cos - u * sin

    def window(self, bounds: Bounds, margin: float) -> Window:
        """Return the rows and columns of the fine grid around a box in the face's coordinates.

        Parameters
        ----------
        bounds : tuple of float
            Left, top, right and bottom of the box.
        margin : float
            How much further to reach on each side, in the same pixels.
        """
        left, top, right, bottom = bounds
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        corners = [(x, y) for x in (left - margin, right + margin) for y in (top - margin, bottom + margin)]
        columns = [(x * cos - y * sin) * self.scale + self.dx for x, y in corners]
        rows = [(x * sin + y * cos) * self.scale + self.dy for x, y in corners]
        return _span(rows), _span(columns)


def _span(positions: list[float]) -> slice:
    first, last = (int((value + SIZE / 2) * FINE) for value in (min(positions), max(positions)))
    return slice(max(first, 0), max(last + 2, 0))


class Canvas:
    """A fine picture under work: each sub-pixel's tone, whether it is figure or ground, and the part on top of it.

    Parameters
    ----------
    pose : Pose
        Where the face stands.
    """

    def __init__(self, pose: Pose) -> None:
        cells = SIZE * FINE
        self.pose = pose
        self.x, self.y = pose.face_grid(cells)
        self.tone = np.zeros((cells, cells))
        self.figure = np.zeros((cells, cells))
        self.part = np.zeros((cells, cells), np.int8)
        self.planted = np.zeros((cells, cells))

    def paint(self, shape: Shape, tone: Tone, part: str = "", soft: float = 0.5, opacity: float = 1.0) -> None:
        """Lay a tone over a shape, whose edge fades over `soft` pixels, and say which part it belongs to.

        Parameters
        ----------
        shape : Shape
            In the face's coordinates.
        tone : float or callable
            From 0, black, to 1, white; or what gives it for points (x, y).
        part : str
            One of `PARTS`, or `PLANTED`; none leaves the parts as they are.
        soft : float
            Width of the edge, in pixels.
        opacity : float
            From 0, unseen, to 1.
        """
        window, cover = self._cover(shape, soft)
        layer = tone(self.x[window], self.y[window]) if callable(tone) else tone
        self.tone[window] += opacity * cover * (layer - self.tone[window])
        self.figure[window] = np.maximum(self.figure[window], cover)
        self._claim(window, cover, part)

    def shade(self, shape: Shape, factor: float, part: str = "", soft: float = 0.5) -> None:
        """Multiply the tone in a shape.

        Parameters
        ----------
        shape, part, soft : as in `paint`
        factor : float
            Below 1 a fold or a shadow, above 1 a gleam.
        """
        window, cover = self._cover(shape, soft)
        self.tone[window] *= 1 + (factor - 1) * cover
        self._claim(window, cover, part)

    def _claim(self, window: Window, cover: Array, part: str) -> None:
        if part == PLANTED:
            self.planted[window] = np.maximum(self.planted[window], cover)
        elif part:
            self.part[window][cover >= 0.5] = PARTS.index(part)

    def _cover(self, shape: Shape, soft: float) -> tuple[Window, Array]:
        window = self.pose.window(shape.bounds, soft)
        return window, np.clip(0.5 - shape.distance(self.x[window], self.y[window]) / soft, 0, 1)


def to_pixels(fine: NDArray[Any]) -> Array:
    """Return the mean of each pixel's sub-pixels.

    Parameters
    ----------
    fine : ndarray of shape (SIZE * FINE, SIZE * FINE)

    Returns
    -------
    ndarray of shape (SIZE, SIZE)
    """
    total = np.zeros((SIZE, SIZE))
    for row, column in product(range(FINE), repeat=2):
        total += fine[row::FINE, column::FINE]
    return total / FINE**2
