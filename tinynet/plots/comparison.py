"""Two networks beside each other: which layers are alike, where each layer looks, and whose units go first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import finite_array, real_array, truth_array, wrong
from tinynet.explain.comparison import CrossKnockouts, GroupComparison, LayerSimilarity
from tinynet.plots.canvas import MARGIN, WIDTH, Sheet, new_figure, plain_axes
from tinynet.plots.colours import BLUE, FEW, GREY, MARKERS, VERMILLION
from tinynet.plots.pictures import aspect
from tinynet.plots.words import short
from tinynet.signatures import checked

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_WRITTEN = 9  # layers of a side up to which the numbers are written into the picture
STATISTIC, CELL = 2.7, 0.24  # inches: room for the name of a statistic, and the height of its cells
FULL = 6.0  # deviations, from which on a cell is as light as can be


@checked
def layer_similarity(similarities: Mapping[str, LayerSimilarity], title: str = "") -> Figure:
    """Draw how alike the layers of pairs of networks are, all pairs on one scale.

    Parameters
    ----------
    similarities : mapping of str to LayerSimilarity
        By what stands above each picture, such as which networks are compared. Rows are layers of the first one.
    title : str
        Of the figure.
    """
    if not similarities:
        raise wrong("similarities", similarities, "at least one, by name")
    found = list(similarities.values())
    known = np.concatenate([each.values[~np.isnan(each.values)] for each in found])
    low, high = float(known.min(initial=0.0)), float(known.max(initial=1.0))
    tallest = max(len(each.layers) for each in found)
    figure = new_figure(min(max(1.9 + 0.25 * tallest, 3.2), 7.0))
    drawn = figure.subplots(1, len(found), squeeze=False)[0]
    for axes, (name, each) in zip(drawn, similarities.items(), strict=True):
        image = axes.imshow(each.values, cmap="cividis", vmin=low, vmax=high)
        axes.set_xticks(range(len(each.other_layers)), [short(layer, 0.8, 8) for layer in each.other_layers])
        axes.set_yticks(range(len(each.layers)), [short(layer, 0.8, 8) for layer in each.layers])
        axes.tick_params(axis="x", rotation=90)
        axes.tick_params(labelsize=8, length=0)
        axes.set_title(short(name, (WIDTH - 1.0) / len(found) - 0.5, 9), fontsize=9)
        if max(each.values.shape) * len(found) <= 2 * MOST_WRITTEN:
            for (row, column), value in np.ndenumerate(each.values):
                light = value < (low + high) / 2
                text = "" if np.isnan(value) else f"{value:.2f}"
                axes.text(column, row, text, ha="center", va="center", fontsize=7, color="white" if light else "black")
    figure.colorbar(image, ax=list(drawn), shrink=0.8, pad=0.02)
    if title:
        figure.suptitle(title, fontsize=11)
    return figure


@checked
def layer_heat_maps(
    image: ArrayLike,
    maps: Mapping[str, Mapping[str, ArrayLike]],
    title: str = "",
    regions: Mapping[str, ArrayLike] | None = None,
) -> Figure:
    """Draw where each layer of several networks looks: a network a row, a layer a column, each map on its own scale.

    Parameters
    ----------
    image : array_like of shape (C, H, W)
        The image, or the mean of all that the maps are of.
    maps : mapping of str to mapping of str to array_like of shape (H, W)
        By what stands in front of a row; each by layer, such as the mean over images of what
        `tinynet.explain.heat_maps` returns.
    title : str
        Of the figure.
    regions : mapping of str to array_like of shape (H, W), optional
        Masks whose outlines are drawn on everything.

    References
    ----------
    Meniconi et al., figures 3.1 and 3.2.
    """
    picture = finite_array("image", image, shape=("C", "H", "W"))
    if not isinstance(maps, Mapping) or not maps or not all(isinstance(each, Mapping) for each in maps.values()):
        raise wrong("maps", maps, "maps by layer of at least one network, by name")
    outlines = {name: truth_array(name, mask, picture.shape[1:]) for name, mask in (regions or {}).items()}
    columns = 1 + max(map(len, maps.values()))
    label = 1.0
    side = min((WIDTH - 2 * MARGIN - label) / columns, 1.9)
    tall = (side - 0.06) * aspect(picture)
    sheet = Sheet(len(maps), 1, (WIDTH - 2 * MARGIN, tall + 0.2), title, gap=0.04, header=0.24 if outlines else 0.0)
    for place, name in enumerate(outlines):
        sheet.header.text(name, label + 1.2 * place, 0.02, 1.1, color=FEW[place % len(FEW)], weight="bold")
    for panel, (name, of_layers) in zip(sheet.panels(), maps.items(), strict=True):
        panel.text(name, 0, tall / 2, label - 0.1)
        drawn = [panel.image(picture, label, 0, side - 0.06)]
        for column, (layer, values) in enumerate(of_layers.items(), start=1):
            heights = real_array(f"maps of {layer}", values, picture.shape[1:])
            limit = float(np.abs(heights).max()) or 1.0
            limits, colours = ((-limit, limit), "gray") if heights.min() < 0 else ((heights.min(), limit), "cividis")
            left = label + column * side
            panel.text(layer, left, tall + 0.02, side - 0.06, size=8)
            drawn.append(panel.pixels(heights, left, 0, side - 0.06, tall, limits, colours))
        for axes in drawn:
            for place, mask in enumerate(outlines.values()):
                if mask.any() and not mask.all():
                    axes.contour(mask, [0.5], colors=[FEW[place % len(FEW)]], linewidths=0.9)
    return sheet.figure


@checked
def cross_knockouts(found: Mapping[str, CrossKnockouts], title: str = "") -> Figure:
    """Draw the errors of networks as their units go in their own order, in another's, and at random.

    Parameters
    ----------
    found : mapping of str to CrossKnockouts
        By what stands above each panel.
    title : str
        Of the figure.
    """
    if not found:
        raise wrong("found", found, "at least one, by name")
    figure = new_figure(3.0)
    drawn = figure.subplots(1, len(found), squeeze=False, sharey=True)[0]
    for axes, (name, each) in zip(drawn, found.items(), strict=True):
        if len(each.random):
            axes.fill_between(
                each.counts, each.random.min(axis=0), each.random.max(axis=0), color=GREY, alpha=0.2, lw=0
            )
            axes.plot(each.counts, each.random.mean(axis=0), color=GREY, linestyle=":", label="random orders")
        axes.plot(each.counts, each.own, color=BLUE, marker="o", markersize=3, label="its own order")
        axes.plot(each.counts, each.by_other, color=VERMILLION, marker="s", markersize=3, ls="--", label="the other's")
        axes.set(xlabel="units knocked out", ylim=(0, 1.02))
        axes.set_title(short(name, (WIDTH - 0.8) / len(found) - 0.3, 9), fontsize=9)
        plain_axes(axes)
    drawn[0].set_ylabel("error")
    drawn[0].legend(frameon=False, fontsize=8)
    if title:
        figure.suptitle(title, fontsize=11)
    return figure


@checked
def group_statistics(
    names: Sequence[str], groups: Mapping[str, ArrayLike], found: GroupComparison, title: str = ""
) -> Figure:
    """Draw statistics of two groups of networks, a row a statistic and a mark a network, and which tell them apart.

    Parameters
    ----------
    names : sequence of str
        Of S statistics.
    groups : mapping of str to array_like of shape (S, networks)
        The two groups that were compared.
    found : GroupComparison
        As `tinynet.explain.compare_groups` returns it for them.
    title : str
        Of the figure.

    Notes
    -----
    Each row is drawn less its mean and over its standard deviation, of all networks; what stands on the right are d
    and q, in bold where q is at most the level.
    """
    if len(groups) != 2:
        raise wrong("groups", groups, "two arrays, by name")
    arrays = [real_array(name, values, (len(names), "networks")) for name, values in groups.items()]
    every = np.concatenate(arrays, axis=1)
    middle, spread = every.mean(axis=1, keepdims=True), every.std(axis=1, keepdims=True)
    spread = np.where(spread > 0, spread, 1.0)
    figure = new_figure(0.9 + 0.23 * len(names))
    axes = figure.subplots()
    rows = np.arange(len(names))[::-1]
    for place, (name, values) in enumerate(zip(groups, arrays, strict=True)):
        scaled = (values - middle) / spread
        height = np.broadcast_to(rows[:, None] + (0.13 - 0.26 * place), scaled.shape)
        axes.plot(scaled.ravel(), height.ravel(), MARKERS[place], color=FEW[place], markersize=4, alpha=0.8, label=name)
    for row, effect, q, told in zip(rows, found.effect, found.q, found.found, strict=True):
        axes.annotate(
            f"d {effect:+.1f}, q {q:.3f}",
            (1.01, row),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=8,
            fontweight="bold" if told else "normal",
        )
    axes.set(yticks=rows, yticklabels=[short(name, 2.6, 8) for name in names])
    axes.set_xlabel("standard deviations from the mean of all networks")
    axes.tick_params(axis="y", labelsize=8)
    plain_axes(axes)
    figure.legend(frameon=False, fontsize=8, loc="outside lower center", ncols=2)
    if title:
        figure.suptitle(title, fontsize=11)
    return figure


@checked
def effect_table(
    effects: ArrayLike,
    found: ArrayLike,
    statistics: Sequence[str],
    layers: Sequence[str],
    times: Sequence[str],
    title: str = "",
) -> Figure:
    """Draw how far apart two kinds of networks are by each statistic, in each layer, at each time.

    Parameters
    ----------
    effects : array_like of shape (statistics, layers, times)
        In deviations between networks of one kind; NaN leaves a cell empty.
    found : array_like of bool of shape (statistics, layers, times)
        Which are more than chance: their cells have a frame.
    statistics, layers, times : sequence of str
        Names of the rows, of the groups of columns, and of the columns in each group.
    title : str
        Of the figure.
    """
    from matplotlib.patches import Rectangle

    values = real_array("effects", effects, (len(statistics), len(layers), len(times)))
    framed = truth_array("found", found, values.shape)
    columns = len(layers) * len(times)
    wide = (WIDTH - 2 * MARGIN - STATISTIC) / columns
    sheet = Sheet(1, 1, (WIDTH - 2 * MARGIN, CELL * len(statistics)), title, header=0.44)
    for group, layer in enumerate(layers):
        middle = STATISTIC + (group + 0.5) * wide * len(times)
        sheet.header.text(layer, middle, 0.22, wide * len(times) - 0.06, weight="bold", align="center", size=8)
        for column, time in enumerate(times):
            place = STATISTIC + (group * len(times) + column + 0.5) * wide
            sheet.header.text(time, place, 0.02, wide - 0.02, align="center", size=6.5, color=GREY)
    (panel,) = sheet.panels()
    axes = panel.axes(STATISTIC, 0, wide * columns, CELL * len(statistics))
    sizes = np.abs(values).reshape(len(statistics), columns)
    axes.imshow(np.ma.masked_invalid(sizes), cmap="cividis", vmin=0, vmax=FULL, aspect="auto", interpolation="nearest")
    for group in range(1, len(layers)):
        axes.axvline(group * len(times) - 0.5, color="white", linewidth=2.5)
    for row, name in enumerate(statistics):
        panel.text(name, 0, CELL * (len(statistics) - row - 1) + 0.04, STATISTIC - 0.1, size=8)
        for column in range(columns):
            value = float(values[row].reshape(-1)[column])
            if np.isnan(value):
                continue
            colour = "black" if abs(value) > FULL / 2 else "white"
            text = f"{value:.1f}" if abs(value) < 100 else f"{value:.0e}"
            axes.text(column, row, text, ha="center", va="center", fontsize=6.5, color=colour)
            if framed[row].reshape(-1)[column]:
                corner = (column - 0.45, row - 0.43)
                axes.add_patch(Rectangle(corner, 0.9, 0.86, fill=False, edgecolor=VERMILLION, linewidth=1.6))
    return sheet.figure
