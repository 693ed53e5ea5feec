"""Weights through training: as pictures, as curves, and as a film."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from tinynet import files
from tinynet.explain.comparison import WeightMovement
from tinynet.plots.canvas import MARGIN, WIDTH, Sheet, new_figure, plain_axes
from tinynet.plots.colours import BLUE, GREEN, ORANGE, VERMILLION
from tinynet.plots.words import number
from tinynet.signatures import checked
from tinynet.types import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = 600  # pixels of a side of a picture: larger matrices are drawn as the means of equal parts
FRAME = 420  # pixels of the longer side of a film


@checked
def weight_maps(maps: Mapping[str, ArrayLike], title: str = "", columns: int = 2) -> Figure:
    """Draw matrices of weights, or of what is known of each weight, as pictures.

    Parameters
    ----------
    maps : mapping of str to array_like of shape (outputs, ...)
        Under the names that stand below them; a row is an output, further axes are taken together. Each has its own
        scale: of values of both signs zero is grey, otherwise the least value is dark.
    title : str
        Of the figure.
    columns : int
        Pictures beside each other.

    References
    ----------
    Meniconi et al., figures 3.3 to 3.10.
    """
    matrices = {name: _matrix(values) for name, values in maps.items()}
    width = (WIDTH - MARGIN) / columns - MARGIN
    tall = width * min(max((len(matrix) / matrix.shape[1] for matrix in matrices.values()), default=1.0), 1.0)
    tall = max(tall, 0.25 * width)
    sheet = Sheet(len(matrices), columns, (width, tall + 0.28), title)
    for panel, (name, matrix) in zip(sheet.panels(), matrices.items(), strict=True):
        limits, colours = _scale([matrix])
        axes = panel.pixels(matrix, 0, 0.28, width, tall, limits, colours)
        axes.set_aspect("auto")
        panel.text(f"{name}: {number(float(matrix.min()))} to {number(float(matrix.max()))}", 0, 0.02, width)
    return sheet.figure


@checked
def weight_movement(movement: WeightMovement, steps: Sequence[int], title: str = "") -> Figure:
    """Draw the sizes, updates and angles of a layer's weights by the number of steps.

    Parameters
    ----------
    movement : WeightMovement
        As `tinynet.explain.weight_movement` returns it.
    steps : sequence of int
        Steps taken at each snapshot, such as those of `tinynet.WeightHistory`.
    title : str
        Of the figure.
    """
    figure = new_figure(2.8)
    panels = (
        ("norm", [("of the weights", movement.norm, BLUE), ("of their way from the start", movement.distance, ORANGE)]),
        ("change over norm", [("since the snapshot before", movement.update_ratio, BLUE)]),
        (
            "cosine",
            [("to the start", movement.cosine_to_start, VERMILLION), ("to the end", movement.cosine_to_end, GREEN)],
        ),
    )
    marker = "o" if len(steps) < 16 else ""
    for axes, (what, curves) in zip(figure.subplots(1, 3), panels, strict=True):
        for (name, values, colour), line in zip(curves, ("-", "--"), strict=False):
            since = 1 if values is movement.update_ratio else 0  # the first has none before it
            axes.plot(
                steps[since:], values[since:], color=colour, marker=marker, markersize=3, linestyle=line, label=name
            )
        axes.set(xlabel="steps", ylabel=what)
        if what != "cosine":
            axes.set_ylim(0, None)
        plain_axes(axes)
        axes.legend(frameon=False, fontsize=7)
    if title:
        figure.suptitle(title, fontsize=11)
    return figure


@checked
def weight_film(
    snapshots: Sequence[ArrayLike], path: str | os.PathLike[str], *, change: bool = False, milliseconds: int = 200
) -> None:
    """Write the weights of a layer through training as an animated GIF, all pictures on one scale.

    Parameters
    ----------
    snapshots : sequence of array_like of shape (outputs, ...)
        A parameter at several times, such as ``WeightHistory()["dense1/W"]``.
    path : path
        Of the file; written whole or not at all.
    change : bool
        Whether to show how far each weight is from where it started, in place of the weight.
    milliseconds : int
        How long each picture is shown; the last one stays four times as long.
    """
    from matplotlib import colormaps
    from PIL import Image

    start = _matrix(snapshots[0])
    matrices = [_matrix(snapshots[k]) - (start if change else 0) for k in range(len(snapshots))]
    (low, high), colours = _scale(matrices)
    scale = max(FRAME // max(start.shape), 1)
    frames = []
    for matrix in matrices:
        shades = colormaps[colours]((matrix - low) / (high - low), bytes=True)[..., :3]
        frames.append(Image.fromarray(shades.repeat(scale, axis=0).repeat(scale, axis=1)))
    durations = [milliseconds] * (len(frames) - 1) + [4 * milliseconds]
    with files.written_whole(path) as temporary:
        frames[0].save(temporary, "GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0)


def _matrix(values: ArrayLike) -> Array:
    """Return weights as a matrix of at most MOST rows and columns, each the mean of a part of the whole."""
    weights = np.asarray(values)
    matrix: Array = weights.reshape(len(weights), -1).astype(np.float64)
    for axis in (0, 1):
        length = matrix.shape[axis]
        together = ceil(length / MOST)
        if together > 1:
            starts = np.arange(0, length, together)
            sizes = np.diff([*starts, length])
            matrix = np.add.reduceat(matrix, starts, axis) / (sizes[:, None] if axis == 0 else sizes)
    return matrix


def _scale(matrices: Sequence[Array]) -> tuple[tuple[float, float], str]:
    """Return limits and colours: of values of both signs zero is grey."""
    low, high = min(float(matrix.min()) for matrix in matrices), max(float(matrix.max()) for matrix in matrices)
    if low < 0 < high:
        high = max(-low, high)
        return (-high, high), "gray"
    return (low, high if high > low else low + 1), "cividis"
