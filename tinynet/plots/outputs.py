"""What units put out: for an image, for any net input, and for every point of a plane."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import finite_array, truth_array
from tinynet.explain.units.outputs import ranked_outputs
from tinynet.layers import Layer
from tinynet.network import Network
from tinynet.plots.canvas import MAPS_A_LINE, MARGIN, MOST_MAPS, WIDTH, Panel, Sheet, new_figure, plain_axes
from tinynet.plots.colours import BLUE, BOARD, GREY, SKY
from tinynet.plots.pictures import aspect, montage
from tinynet.plots.words import number, short
from tinynet.signatures import checked
from tinynet.types import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@checked
def feature_maps(net: Network, image: ArrayLike, title: str = "Output of every filter for one image") -> Figure:
    """Draw what each filter, or each hidden unit, puts out for an image, or for several; one row a layer.

    Parameters
    ----------
    net : Network
        A network for such images.
    image : array_like of shape (C, H, W) or (P, C, H, W)
        What it is shown.
    title : str
        Of the figure.

    References
    ----------
    Lo, Cohen and Ding 2015, figure 1; Lo 2016, figure 3.1.
    """
    pictures = finite_array("image", image, net.dtype, ("...", *net.input_shape)).reshape(-1, *net.input_shape)
    trace = net.trace(pictures)
    outputs = {name: trace[name] for name in ranked_outputs(net)}
    lines = {name: ceil(min(maps.shape[1], MOST_MAPS) / MAPS_A_LINE) for name, maps in outputs.items()}
    picture_width, label = 1.5, 0.8
    left = picture_width + 0.15 + label
    size = (WIDTH - 2 * MARGIN - left) / MAPS_A_LINE
    picture_height = picture_width * aspect(pictures)
    height = max(sum(lines.values()) * size + 0.1 * (len(lines) - 1), picture_height)
    sheet = Sheet(len(pictures), 1, (WIDTH - 2 * MARGIN, height), title)
    for index, (panel, picture) in enumerate(zip(sheet.panels(), pictures, strict=True)):
        panel.image(picture, 0, height - picture_height, picture_width)
        top = height
        for name, maps in outputs.items():
            tall = lines[name] * size
            _filter_row(panel, name, maps[index], left - label, top - tall, label, size, tall)
            top -= tall + 0.1
    return sheet.figure


def _filter_row(
    panel: Panel, name: str, maps: Array, left: float, bottom: float, label: float, size: float, tall: float
) -> None:
    """Draw the maps of one layer for one image, with the layer's name in front of them."""
    from matplotlib.patches import Rectangle

    limit = float(np.abs(maps).max()) or 1.0
    note = f"{MOST_MAPS} of {len(maps)}" if len(maps) > MOST_MAPS else f"up to {number(limit)}"
    panel.text(name, left, bottom + tall - 0.2, label - 0.1)
    panel.text(note, left, bottom + tall - 0.36, label - 0.1, size=7, color=GREY)
    across = min(len(maps), MAPS_A_LINE)
    axes = panel.pixels(montage(maps[:MOST_MAPS], across), left + label, bottom, across * size, tall, (-limit, limit))
    axes.set_anchor("NW")
    axes.add_patch(Rectangle((0, 0), 1, 1, transform=axes.transAxes, facecolor=BOARD, edgecolor="none", zorder=-1))


@checked
def activation_functions(layers: Mapping[str, Layer]) -> Figure:
    """Draw activation functions: what comes out for each net input.

    Parameters
    ----------
    layers : mapping of str to Layer
        By the name to write above each.

    References
    ----------
    Lo 2016, figure 2.2.
    """
    figure = new_figure(2.5)
    z = np.linspace(-4, 4, 801)
    for axes, (name, layer) in zip(figure.subplots(1, len(layers), squeeze=False)[0], layers.items(), strict=True):
        axes.plot(z, layer.forward(z[:, None])[:, 0], color=BLUE, linewidth=2)
        axes.axhline(0, color=GREY, linewidth=0.6)
        axes.axvline(0, color=GREY, linewidth=0.6)
        axes.set_xlabel("net input z")
        axes.set_title(short(name, 1.7, 9), fontsize=9)
        plain_axes(axes)
    figure.suptitle("What a unit puts out", fontsize=11)
    return figure


@checked
def planes(net: Network, points: ArrayLike, labels: ArrayLike, title: str) -> Figure:
    """Draw the plane of the inputs and what each layer makes of it, as far as layers have two outputs.

    Parameters
    ----------
    net : Network
        Of two inputs and a single output at the end.
    points : array_like of shape (N, 2)
        Inputs to mark in each plane.
    labels : array_like of shape (N,)
        0 or 1: hollow and filled points.
    title : str
        Of the figure.

    Notes
    -----
    Shaded is where the rest of the network answers 1. The squares of a grid show how a layer bends and folds the plane.

    References
    ----------
    Lo 2016, figures 2.3 and 2.4.
    """
    corners = finite_array("points", points, np.float64, ("N", 2))
    wanted = truth_array("labels", labels, corners.shape[:1])
    low, high = corners.min(axis=0) - 0.5, corners.max(axis=0) + 0.5
    ticks = [np.linspace(low[axis], high[axis], 9) for axis in (0, 1)]
    fine = [np.linspace(low[axis], high[axis], 161) for axis in (0, 1)]
    lines = [np.stack(np.broadcast_arrays(x, fine[1]), -1) for x in ticks[0]]
    lines += [np.stack(np.broadcast_arrays(fine[0], y), -1) for y in ticks[1]]
    shown = [name for name, shape in net.shapes.items() if shape == (2,)]
    figure = new_figure(3.4)
    for axes, name in zip(figure.subplots(1, len(shown), squeeze=False)[0], shown, strict=True):
        places = net.trace(corners)[name]
        seen = np.concatenate([places, *(net.trace(line)[name] for line in lines)])
        start, end = seen.min(axis=0) - 0.25, seen.max(axis=0) + 0.25
        x, y = np.meshgrid(np.linspace(start[0], end[0], 201), np.linspace(start[1], end[1], 201))
        answer = net.forward_from(np.stack([x, y], -1).astype(net.dtype), name)[..., 0]
        axes.contourf(x, y, answer, [0.5, np.inf], colors=[SKY], alpha=0.3)
        for line in lines:
            axes.plot(*net.trace(line)[name].T, color=GREY, linewidth=0.5, alpha=0.6)
        for label, face in ((0, "white"), (1, "black")):
            axes.scatter(*places[wanted == label].T, s=60, facecolor=face, edgecolor="black", zorder=3)
        axes.set(xlim=(start[0], end[0]), ylim=(start[1], end[1]))
        axes.set_title("inputs" if name == "input" else f"behind {short(name, 1.5, 9)}", fontsize=9)
        axes.set_aspect("equal")
    figure.suptitle(title, fontsize=11)
    return figure


@checked
def filter_sheet(image: ArrayLike, filters: Mapping[str, ArrayLike], outputs: ArrayLike) -> Figure:
    """Draw what filters set by hand make of an image, with their numbers below.

    Parameters
    ----------
    image : array_like of shape (C, H, W)
        What the filters were applied to.
    filters : mapping of str to array_like of shape (h, w)
        By name.
    outputs : array_like of shape (F, h, w)
        What each filter makes of the image.

    References
    ----------
    Lo 2016, figures 2.5 and 2.6.
    """
    maps, columns = finite_array("outputs", outputs, shape=(len(filters), "h", "w")), 4
    numbers = {name: finite_array(f"filters[{name!r}]", values, shape=("h", "w")) for name, values in filters.items()}
    picture = finite_array("image", image, shape=("C", "H", "W"))
    size = (WIDTH - MARGIN) / columns - MARGIN
    tall = size * aspect(maps)
    text = 0.2 * max(len(weights) for weights in numbers.values())
    sheet = Sheet(
        len(filters) + 1, columns, (size, tall + text + 0.36), "What filters of a few weights make of an image"
    )
    panels = list(sheet.panels())
    panels[0].text("the image", 0, text + tall + 0.12, size, weight="bold")
    panels[0].image(picture, 0, text + 0.08, size)
    for panel, (name, weights), output in zip(panels[1:], numbers.items(), maps, strict=True):
        limits = (float(output.min()), float(output.max()) or 1.0)
        panel.text(name, 0, text + tall + 0.12, size, weight="bold")
        panel.pixels(output, 0, text + 0.08, size, tall, limits)
        for row, line in enumerate(weights):
            for column, value in enumerate(line):
                words = f"{value:g}" if float(value).is_integer() else f"{value:.2f}"
                right = size * (column + 1) / len(line) - 0.15
                panel.text(words, right, text - 0.2 * (row + 1), size / len(line), size=8, align="right")
    return sheet.figure
