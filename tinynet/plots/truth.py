"""Methods of attribution judged by the truth: what each is worth, and their maps of one face."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import finite_array, real_array, truth_array
from tinynet.plots.canvas import MARGIN, WIDTH, Sheet, new_figure, plain_axes
from tinynet.plots.colours import BLUE, GREY, SKY, VERMILLION
from tinynet.plots.pictures import aspect
from tinynet.plots.words import short
from tinynet.signatures import checked

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MAPS_BESIDE = 5


@checked
def leaderboard(
    names: Sequence[str], own: ArrayLike, other: ArrayLike, control: ArrayLike, title: str, words: tuple[str, str, str]
) -> Figure:
    """Draw what methods are worth on each network, beside what they say where there is nothing to say.

    Parameters
    ----------
    names : sequence of str
        Of the methods, the best first.
    own, other : array_like of shape (networks, methods)
        Of the networks that learned, and of those to compare with.
    control : array_like of shape (networks,)
        Of a control, drawn as a line at its median; empty for none.
    title : str
    words : tuple of str
        What the axis, `own` and `other` are; the control is named in the axis.
    """
    figure = new_figure(0.9 + 0.23 * len(names))
    axes = figure.subplots()
    rows = np.arange(len(names))[::-1]
    for values, colour, marker, word in (
        (real_array("other", other, ("networks", len(names))), GREY, "x", words[2]),
        (real_array("own", own, ("networks", len(names))), BLUE, "o", words[1]),
    ):
        for network, numbers in enumerate(values):
            axes.plot(numbers, rows, marker, color=colour, markersize=4.5, label=word if network == 0 else None)
    line = real_array("control", control, ("networks",))
    if line.size:
        axes.axvline(float(np.median(line)), color=VERMILLION, linewidth=1, linestyle="--", label="edge detector")
    axes.set(yticks=rows, yticklabels=[short(name, 2.6, 8) for name in names], xlabel=words[0], xlim=(0, None))
    axes.tick_params(axis="y", labelsize=8)
    plain_axes(axes)
    axes.legend(frameon=False, fontsize=8, loc="lower right")
    figure.suptitle(title, fontsize=11)
    return figure


@checked
def attribution_maps(image: ArrayLike, mask: ArrayLike, maps: ArrayLike, names: Sequence[str], title: str) -> Figure:
    """Draw the maps of several methods for one image, each on its own scale, and where the truth is.

    Parameters
    ----------
    image : array_like of shape (C, H, W)
    mask : array_like of shape (H, W)
        Where the planted feature is; its outline is drawn on every map.
    maps : array_like of shape (methods, H, W)
        The higher, the more a pixel is said to matter. Negative values are darker than the grey of zero.
    names : sequence of str
    title : str
    """
    picture = finite_array("image", image, shape=("C", "H", "W"))
    planted, heights = (
        truth_array("mask", mask, picture.shape[1:]),
        real_array("maps", maps, (len(names), "H", "W")),
    )
    side = (WIDTH - MARGIN) / MAPS_BESIDE - MARGIN
    tall = side * aspect(picture)
    sheet = Sheet(len(heights) + 1, MAPS_BESIDE, (side, tall + 0.26), title)
    panels = sheet.panels()
    panel = next(panels)
    panel.text("the image", 0, tall + 0.02, side, size=8)
    drawn = [panel.image(picture, 0, 0, side)]
    for panel, values, name in zip(panels, heights, names, strict=True):
        limit = float(np.abs(values).max()) or 1.0
        signed = bool((values < 0).any())
        panel.text(name, 0, tall + 0.02, side, size=8)
        limits, colours = ((-limit, limit), "gray") if signed else ((0.0, limit), "cividis")
        drawn.append(panel.pixels(values, 0, 0, side, tall, limits, colours))
    for axes in drawn:
        if planted.any():
            axes.contour(planted, [0.5], colors=[SKY], linewidths=0.9)
    return sheet.figure
