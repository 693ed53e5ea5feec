"""Images with a map beside each, and boxes around places of both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import finite_array
from tinynet.plots.canvas import SHOWN, Sheet, panel_width, with_rest
from tinynet.plots.colours import GREY, ORANGE
from tinynet.plots.pictures import aspect

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def image_pairs(
    images: ArrayLike,
    maps: ArrayLike,
    titles: Sequence[str],
    title: str,
    columns: int,
    *,
    signed: bool,
    notes: Sequence[str] = (),
) -> tuple[Figure, list[tuple[Axes, Axes]]]:
    """Draw images with a map beside each; return the figure, and the axes of each image and its map.

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
    notes : sequence of str, optional
        What stands above each map; without notes the titles have that room too.
    """
    pictures = finite_array("images", images, shape=("P", "C", "H", "W"))[:SHOWN]
    gradients = finite_array("maps", maps, shape=(len(np.asarray(images)), "h", "w"))[:SHOWN]
    width = panel_width(columns)
    side = (width - 0.2) / 2
    tall = side * aspect(pictures)
    sheet = Sheet(len(pictures), columns, (width, tall + 0.28), with_rest(title, len(np.asarray(images))))
    axes = []
    for at, (panel, picture, gradient) in enumerate(zip(sheet.panels(), pictures, gradients, strict=False)):
        limit = float(np.abs(gradient).max()) or 1.0
        name, note = "".join(titles[at : at + 1]), "".join(notes[at : at + 1])
        panel.text(name, 0, panel.height - 0.2, side if notes else width - 0.12, weight="bold")
        panel.text(note, panel.width - 0.12, panel.height - 0.2, side, size=7.5, align="right", color=GREY)
        limits, colours = ((-limit, limit), "gray") if signed else ((0.0, limit), "cividis")
        map_axes = panel.pixels(gradient, side + 0.08, 0, side, tall, limits, colours)
        axes.append((panel.image(picture, 0, 0, side), map_axes))
    return sheet.figure, axes


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
