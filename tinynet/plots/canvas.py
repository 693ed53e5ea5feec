"""What figures are drawn on and with: sheets of panels laid out in inches, and colours for everybody.

Colours are those of Okabe and Ito, grey, or cividis, so that a figure reads the same for colour-blind people and in
grey print.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from tinynet.plots.words import short
from tinynet.types import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


WIDTH = 9.0  # inches, of a figure
SHOWN = 15  # classes that a figure with one panel a class shows at most
MAPS_A_LINE, MOST_MAPS = 10, 40
MARGIN = 0.12
TITLE = 0.34
DARK, BOARD = "#2b3038", "#dbe3ec"
BLUE, ORANGE, VERMILLION, SKY, GREY = "#0072B2", "#E69F00", "#D55E00", "#56B4E9", "#6b7280"
GREEN, PURPLE = "#009E73", "#CC79A7"
FEW = (BLUE, VERMILLION, GREEN, ORANGE, PURPLE)  # colours of a few lines, told apart by markers too
MARKERS = ("o", "s", "^", "D", "v")


class Panel:
    """A part of a sheet, in which things are placed in inches from its lower left corner.

    Parameters
    ----------
    figure : Figure
    left, bottom, width, height : float
        In inches.
    """

    def __init__(self, figure: Figure, left: float, bottom: float, width: float, height: float) -> None:
        self.figure = figure
        self.left, self.bottom, self.width, self.height = left, bottom, width, height

    def axes(self, left: float, bottom: float, width: float, height: float) -> Axes:
        """Return new axes without frame.

        Parameters
        ----------
        left, bottom, width, height : float
            In inches, within the panel.
        """
        across, up = self.figure.get_size_inches()
        place = ((self.left + left) / across, (self.bottom + bottom) / up, width / across, height / up)
        axes = self.figure.add_axes(place)
        axes.set_axis_off()
        return axes

    def image(self, picture: Array, left: float, bottom: float, width: float) -> Axes:
        """Draw a grey or RGB image, and return its axes.

        Parameters
        ----------
        picture : ndarray of shape (C, H, W)
        left, bottom, width : float
            In inches; the height follows from the image.
        """
        return self.pixels(_as_drawn(picture), left, bottom, width, width * aspect(picture))

    def pixels(
        self,
        picture: Array,
        left: float,
        bottom: float,
        width: float,
        height: float,
        limits: tuple[float, float] = (0.0, 1.0),
        colours: str = "gray",
    ) -> Axes:
        """Draw an array as large as fits, and return its axes.

        Parameters
        ----------
        picture : ndarray of shape (H, W) or (H, W, 3)
        left, bottom, width, height : float
            Where, in inches.
        limits : pair of float
            The values that are black and white, or the ends of other colours.
        colours : str
            The name of a colour map.
        """
        axes = self.axes(left, bottom, width, height)
        axes.imshow(picture, cmap=colours, vmin=limits[0], vmax=limits[1], interpolation="nearest")
        return axes

    def text(
        self,
        text: str,
        left: float,
        bottom: float,
        width: float,
        size: float = 9,
        weight: str = "normal",
        align: str = "left",
        color: str = "black",
    ) -> None:
        """Write a text, shortened to the room that it has.

        Parameters
        ----------
        text : str
        left, bottom : float
            Where it begins (or ends, if aligned to the right), in inches.
        width : float
            The room, in inches.
        size, weight, align, color
            As matplotlib takes them.
        """
        across, up = self.figure.get_size_inches()
        words = short(text, width, size, weight)
        place = ((self.left + left) / across, (self.bottom + bottom + 0.04) / up)
        self.figure.text(*place, words, fontsize=size, fontweight=weight, ha=align, va="baseline", color=color)


class Sheet:
    """A figure of equal panels under a title, laid out in inches so that nothing overlaps.

    Parameters
    ----------
    count, columns : int
        Panels, and how many of them beside each other.
    size : pair of float
        Width and height of a panel.
    title : str
        Of the figure.
    gap : float
        Between rows.
    header : float
        Height of a strip between title and panels.
    """

    def __init__(
        self,
        count: int,
        columns: int,
        size: tuple[float, float],
        title: str,
        gap: float = MARGIN,
        header: float = 0.0,
    ) -> None:
        from tinynet.plots.letters import LetteredFigure

        self.count, self.columns, self.size, self.gap = count, columns, size, gap
        self.rows = max(ceil(count / columns), 1)
        body = self.rows * (size[1] + gap) - gap
        head = (TITLE if title else 0.0) + header
        self.figure: Figure = LetteredFigure(figsize=(WIDTH, body + head + 2 * MARGIN))
        self.top = MARGIN + body
        self.header = Panel(self.figure, MARGIN, self.top, WIDTH - 2 * MARGIN, header)
        if title:
            Panel(self.figure, MARGIN, self.top + header, WIDTH - 2 * MARGIN, TITLE).text(
                title, (WIDTH - 2 * MARGIN) / 2, 0.1, WIDTH - 2 * MARGIN, size=11, align="center"
            )

    def panels(self) -> Iterator[Panel]:
        """Yield the panels, row by row from the top left."""
        for index in range(self.count):
            row, column = divmod(index, self.columns)
            left = MARGIN + column * (WIDTH - MARGIN) / self.columns
            yield Panel(self.figure, left, self.top - (row + 1) * self.size[1] - row * self.gap, *self.size)


def new_figure(height: float, width: float = WIDTH) -> Figure:
    """Return an empty figure whose texts make room for themselves.

    Parameters
    ----------
    height, width : float
        In inches.
    """
    from tinynet.plots.letters import LetteredFigure

    return LetteredFigure(figsize=(width, height), layout="constrained")


def plain_axes(axes: Axes) -> None:
    """Take away what axes do not need, and add a faint grid.

    Parameters
    ----------
    axes : Axes
    """
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)


def with_rest(title: str, count: int) -> str:
    """Return a title that says how many are left out where a figure cannot show all.

    Parameters
    ----------
    title : str
    count : int
        How many there are.
    """
    return title if count <= SHOWN else f"{title} (the first {SHOWN} of {count})"


def image_pairs(
    images: ArrayLike, maps: ArrayLike, titles: Sequence[str], title: str, columns: int, signed: bool
) -> tuple[Sheet, tuple[list[tuple[Axes, Axes]], list[tuple[Panel, float]]]]:
    """Draw images with a map beside each; return the axes and the panels, with the room for a note in them.

    Parameters
    ----------
    images : array_like of shape (P, C, H, W)
    maps : array_like of shape (P, h, w)
    titles : sequence of str
        One for each pair.
    title : str
        Of the figure.
    columns : int
        Pairs beside each other.
    signed : bool
        Whether the maps have negative values; their zero is grey then.
    """
    pictures, gradients = np.asarray(images)[:SHOWN], np.asarray(maps)[:SHOWN]
    width = (WIDTH - MARGIN) / columns - MARGIN
    side = (width - 0.2) / 2
    tall = side * aspect(pictures)
    sheet = Sheet(len(pictures), columns, (width, tall + 0.28), with_rest(title, len(titles)))
    axes, notes = [], []
    for panel, picture, gradient, name in zip(sheet.panels(), pictures, gradients, titles, strict=False):
        limit = float(np.abs(gradient).max()) or 1.0
        panel.text(name, 0, panel.height - 0.2, side, weight="bold")
        limits, colours = ((-limit, limit), "gray") if signed else ((0.0, limit), "cividis")
        map_axes = panel.pixels(gradient, side + 0.08, 0, side, tall, limits, colours)
        axes.append((panel.image(picture, 0, 0, side), map_axes))
        notes.append((panel, side))
    return sheet, (axes, notes)


def draw_box(axes: Axes, left: float, top: float, width: float, height: float) -> None:
    """Draw a box around pixels, light within dark so that it stands out on any ground.

    Parameters
    ----------
    axes : Axes
    left, top, width, height : float
        In pixels of the picture.
    """
    from matplotlib.patches import Rectangle

    limits = axes.get_xlim(), axes.get_ylim()
    for colour, line in (("black", 2.6), (ORANGE, 1.3)):
        corner = (left - 0.5, top - 0.5)
        axes.add_patch(Rectangle(corner, width, height, fill=False, edgecolor=colour, linewidth=line, clip_on=False))
    axes.set(xlim=limits[0], ylim=limits[1])


def mark_place(axes: Axes, place: tuple[int, int], shape: tuple[int, ...]) -> None:
    """Draw a box around a place of a map and a few of its neighbours.

    Parameters
    ----------
    axes : Axes
    place : pair of int
        Row and column.
    shape : tuple of int
        Of the map.
    """
    reach = min(shape) // 24
    top, left = (max(at - reach, 0) for at in place)
    bottom, right = (min(at + reach + 1, length) for at, length in zip(place, shape, strict=True))
    draw_box(axes, left, top, right - left, bottom - top)


def aspect(pictures: Array) -> float:
    """Return height over width of images, at most 1.5: taller ones are drawn narrower than their place.

    Parameters
    ----------
    pictures : ndarray of shape (..., H, W)
    """
    return min(float(pictures.shape[-2] / pictures.shape[-1]), 1.5)


def _as_drawn(picture: Array) -> Array:
    """Return an image as matplotlib takes it, 0 to 1: (H, W) for grey, (H, W, 3) for RGB."""
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
    drawn = [_as_drawn(picture) for picture in pictures]
    gap = ceil(drawn[0].shape[1] / 24)
    return np.hstack([np.pad(d, [(0, 0), (0, gap)] + [(0, 0)] * (d.ndim - 2), constant_values=1) for d in drawn])
