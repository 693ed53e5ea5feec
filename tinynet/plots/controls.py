"""A measurement beside its controls, network by network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import real_array, whole_number, wrong
from tinynet.plots.canvas import new_figure, plain_axes
from tinynet.plots.colours import BLUE, GREY
from tinynet.plots.words import short
from tinynet.signatures import checked

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@checked
def beside_controls(
    panels: Mapping[str, Mapping[str, ArrayLike]], title: str, *, measured: int = 1, chance: ArrayLike = ()
) -> Figure:
    """Draw what was measured on each network, beside what controls give.

    Parameters
    ----------
    panels : mapping of str to mapping of str to array_like of shape (R,)
        By what is measured, and then by the row, such as "trained" and "untrained": the same rows in each panel, one
        number for each of R networks; NaN are left out.
    title : str
        Of the figure.
    measured : int
        How many of the first rows are the measurement; the others are controls, drawn in grey.
    chance : array_like of shape (panels,)
        Where chance lies in each panel, drawn as a dashed line; NaN, or nothing at all, for no line.

    Notes
    -----
    Each point is a network, each bar the median of a row.
    """
    if not isinstance(panels, Mapping) or not panels or not all(isinstance(rows, Mapping) for rows in panels.values()):
        raise wrong("panels", panels, "a mapping from what is measured to rows of numbers")
    names = list(next(iter(panels.values())))
    if not names or any(list(rows) != names for rows in panels.values()):
        raise wrong("panels", {what: list(rows) for what, rows in panels.items()}, "the same rows in each panel")
    first = whole_number("measured", measured, 0, len(names))
    lines = real_array("chance", chance, ("panels",))
    if len(lines) not in (0, len(panels)):
        raise wrong("chance", chance, "one number for each panel, or none")
    figure = new_figure(1.1 + 0.27 * len(names))
    places = np.arange(len(names))[::-1]
    every = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for at, (axes, (what, rows)) in enumerate(zip(every, panels.items(), strict=True)):
        if len(lines) and np.isfinite(lines[at]):
            axes.axvline(float(lines[at]), color=GREY, linestyle="--", linewidth=1)
        for row, (name, values) in enumerate(rows.items()):
            numbers = real_array(f"{what}: {name}", values, ("R",)).astype(float)
            numbers = numbers[np.isfinite(numbers)]
            colour = BLUE if row < first else GREY
            heights = np.full(len(numbers), places[row])
            axes.plot(numbers, heights, "o", color=colour, markersize=5, alpha=0.55, markeredgewidth=0)
            if len(numbers):
                axes.plot([np.median(numbers)], [places[row]], "|", color=colour, markersize=15, markeredgewidth=2)
        axes.set_title(short(what, 6.2 / len(panels), 9), fontsize=9)
        axes.set_ylim(-0.6, len(names) - 0.4)
        axes.locator_params(axis="x", nbins=max(6 - len(panels), 3))
        plain_axes(axes)
    every[0].set_yticks(places, [short(name, 2.6, 9) for name in names])
    figure.suptitle(title, fontsize=11)
    return figure
