"""Features made by target propagation: what they look like, how alike they are, and when they cease to be seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import finite_array, real_array, whole_number, wrong
from tinynet.plots.canvas import MARGIN, WIDTH, Sheet, new_figure, plain_axes
from tinynet.plots.colours import BLUE, FEW, GREY, MARKERS, ORANGE, SKY, VERMILLION
from tinynet.plots.pictures import aspect
from tinynet.plots.words import short
from tinynet.signatures import checked
from tinynet.types import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure


UNITS_A_ROW = 10


@checked
def unit_features(
    rows: Mapping[str, ArrayLike], names: Sequence[str], title: str, notes: Mapping[str, Sequence[str]] | None = None
) -> Figure:
    """Draw the features of units, a network or layer a row: light where a pixel should be bright, dark where not.

    Parameters
    ----------
    rows : mapping of str to array_like of shape (units, C, H, W)
        By what stands in front of the row; each feature is scaled by its largest pixel. Channels are averaged.
    names : sequence of str
        What stands above each column, such as the class of the unit.
    title : str
        Of the figure.
    notes : mapping of str to sequence of str, optional
        What stands below each feature of a row.

    References
    ----------
    de Souza Farias and Maziero, figures 1 and 2.
    """
    shape = ("units", "C", "H", "W")
    sheets = {
        name: finite_array(f"rows[{name!r}]", row, shape=shape)[:UNITS_A_ROW].mean(axis=1) for name, row in rows.items()
    }
    label, note = 1.25, 0.2 if notes else 0.0
    across = max(map(len, sheets.values()))
    size = (WIDTH - 2 * MARGIN - label) / across
    tall = (size - 0.06) * aspect(next(iter(sheets.values())))
    sheet = Sheet(len(sheets), 1, (WIDTH - 2 * MARGIN, tall + note), title, gap=0.06, header=0.26)
    for column, name in enumerate(names[:across]):
        middle = label + (column + 0.5) * size - 0.03
        sheet.header.text(name, middle, 0.03, size - 0.08, align="center", weight="bold")
    for panel, (name, features) in zip(sheet.panels(), sheets.items(), strict=True):
        first, _, second = name.partition("\n")
        panel.text(first, 0, note + tall / 2, label - 0.1)
        panel.text(second, 0, note + tall / 2 - 0.18, label - 0.1, size=7.5, color=GREY)
        for column, feature in enumerate(features):
            limit = float(np.abs(feature).max()) or 1.0
            panel.pixels(feature, label + column * size, note, size - 0.06, tall, (-limit, limit))
        for column, text in enumerate((notes or {}).get(name, ())[:across]):
            middle = label + (column + 0.5) * size - 0.03
            panel.text(text, middle, 0.01, size - 0.06, size=7, align="center", color=GREY)
    return sheet.figure


@checked
def feature_similarity(tables: Mapping[str, ArrayLike], names: Sequence[str], title: str, columns: int = 3) -> Figure:
    """Draw how alike features are, a table of cosines a panel.

    Parameters
    ----------
    tables : mapping of str to array_like of shape (K, K)
        Cosines of each feature with each other, by title of the panel.
    names : sequence of str
        Of the units.
    title : str
        Of the figure.
    columns : int
        Panels beside each other.

    References
    ----------
    de Souza Farias and Maziero, figures 2 and 4 to 10.
    """
    columns = min(whole_number("columns", columns, 1, 50), len(tables))
    lines = -(-len(tables) // columns)
    figure = new_figure(0.6 + lines * 0.9 * WIDTH / max(columns, 2))
    panels = figure.subplots(lines, columns, squeeze=False).ravel()
    ticks = range(len(names))
    shown = [short(name, 0.5, 7) for name in names]
    for axes, (name, table) in zip(panels, tables.items(), strict=False):
        picture = axes.imshow(real_array(f"tables[{name!r}]", table, 2 * (len(names),)), cmap="gray", vmin=-1, vmax=1)
        axes.set_xticks(ticks, shown, fontsize=7, rotation=90 if max(map(len, shown)) > 2 else 0)
        axes.set_yticks(ticks, shown, fontsize=7)
        axes.set_title(short(name, WIDTH / columns - 0.6, 9), fontsize=9)
    for axes in panels[len(tables) :]:
        axes.set_visible(False)
    figure.colorbar(picture, ax=list(panels), shrink=0.7, label="cosine of two features")
    figure.suptitle(title, fontsize=11)
    return figure


@checked
def phases(
    accuracy: ArrayLike,
    measures: Mapping[str, ArrayLike],
    bends: Mapping[str, tuple[Callable[[Array], Array], float, float, float]],
    documented: float,
    title: str,
    shade: ArrayLike | None = None,
    shade_name: str = "",
) -> Figure:
    """Draw what features are like against the accuracy of the network, with the place where the curve bends.

    Parameters
    ----------
    accuracy : array_like of shape (P,)
        Per cent, of each look at a network.
    measures : mapping of str to array_like of shape (P,)
        Such as how well features match their classes, by name: a panel each.
    bends : mapping of str to (callable, float, float, float)
        For the same names, or some of them: the fitted line as a function of the accuracy, where it bends, and the
        ends of the interval of that place.
    documented : float
        Where the document sees the change, per cent.
    title : str
        Of the figure.
    shade : array_like of shape (P,), optional
        What the points are coloured by, on a logarithmic scale, such as the number of hidden units.
    shade_name : str
        What that is.

    References
    ----------
    de Souza Farias and Maziero, section 3.1 and figure 3.
    """
    from matplotlib.colors import LogNorm

    if not isinstance(bends, Mapping) or not all(isinstance(b, tuple) and len(b) == 4 for b in bends.values()):
        raise wrong("bends", bends, "a mapping from names to tuples of a function and three numbers")
    right = finite_array("accuracy", accuracy, np.float64, ("P",))
    figure = new_figure(4.2)
    panels = figure.subplots(1, len(measures), squeeze=False)[0]
    for axes, (name, values) in zip(panels, measures.items(), strict=True):
        colour = (
            {"color": BLUE}
            if shade is None
            else {"c": finite_array("shade", shade, shape=right.shape), "cmap": "cividis", "norm": LogNorm()}
        )
        dots = axes.scatter(
            right,
            real_array(f"measures[{name!r}]", values, right.shape),
            s=4,
            alpha=0.5,
            linewidth=0,
            rasterized=True,
            **colour,
        )
        if name in bends:
            line, place, low, high = bends[name]
            axes.axvspan(low, high, color=ORANGE, alpha=0.45, linewidth=0)
            bend = f"bend at {place:.1f} % ({low:.1f} to {high:.1f})"
            axes.axvline(place, color=VERMILLION, linewidth=1.2, label=bend)
            fitted = np.linspace(max(right.min(), place - 30), right.max(), 200)
            axes.plot(fitted, line(fitted), color="black", linewidth=1.4)
        axes.axvline(
            documented, color="black", linestyle=":", linewidth=1.2, label=f"the paper: about {documented:g} %"
        )
        axes.set(xlabel="test accuracy, %", ylabel=name)
        plain_axes(axes)
        axes.legend(loc="best", fontsize=7.5)
    if shade is not None:
        figure.colorbar(dots, ax=list(panels), label=shade_name, shrink=0.8)
    figure.suptitle(title, fontsize=11)
    return figure


@checked
def network_accuracies(
    rows: Mapping[str, ArrayLike], documented: Mapping[str, Sequence[float]], title: str, near: float
) -> Figure:
    """Draw the test accuracy of each network, a kind of network a row, beside what a document says.

    Parameters
    ----------
    rows : mapping of str to array_like of shape (rates, networks)
        Per cent; NaN where there is no network. Learning rates are told apart by colour and marker.
    documented : mapping of str to sequence of float
        The document's numbers for the same rows.
    title : str
        Of the figure.
    near : float
        Half the width of the band around a documented number that counts as reaching it.
    """
    if not isinstance(documented, Mapping):
        raise wrong("documented", documented, "a mapping from names to lists of numbers")
    stated = {name: real_array(f"documented[{name!r}]", numbers, ("S",)) for name, numbers in documented.items()}
    figure = new_figure(1.4 + 0.33 * len(rows))
    axes = figure.subplots()
    places = np.arange(len(rows))[::-1]
    for place, (name, values) in zip(places, rows.items(), strict=True):
        for wanted in stated.get(name, ()):
            axes.fill_betweenx([place - 0.38, place + 0.38], wanted - near, wanted + near, color=SKY, alpha=0.35)
            axes.plot([wanted, wanted], [place - 0.38, place + 0.38], color="black", linewidth=1.5)
        for at, (networks, colour, marker) in enumerate(zip(np.atleast_2d(values), FEW, MARKERS, strict=False)):
            height = np.full(np.shape(networks), place + 0.18 - 0.18 * at)
            axes.plot(networks, height, marker, color=colour, markersize=4, alpha=0.8)
    axes.set_yticks(places, [short(name, 2.6, 8.5) for name in rows], fontsize=8.5)
    axes.set(xlabel=f"test accuracy, %; bars: the document, with {near:g} points to either side")
    axes.set_ylim(-0.6, len(rows) - 0.4)
    plain_axes(axes)
    figure.suptitle(title, fontsize=11)
    return figure


@checked
def at_equal_accuracy(
    levels: Sequence[float], widths: Sequence[int], measures: Mapping[str, ArrayLike], title: str
) -> Figure:
    """Draw what features are like when networks of different width pass the same accuracy.

    Parameters
    ----------
    levels : sequence of float
        Accuracies, per cent: a line each.
    widths : sequence of int
        Units of a hidden layer.
    measures : mapping of str to array_like of shape (levels, widths)
        By name: a panel each; NaN where too few networks get there.
    title : str
        Of the figure.
    """
    figure, shape = new_figure(3.6), (len(levels), len(widths))
    panels = figure.subplots(1, len(measures), squeeze=False)[0]
    for axes, (name, table) in zip(panels, measures.items(), strict=True):
        rows = real_array(f"measures[{name!r}]", table, shape)
        for level, values, colour, marker in zip(levels, rows, FEW, MARKERS, strict=False):
            if np.isnan(values).all():
                continue
            axes.plot(widths, values, color=colour, marker=marker, markersize=4.5, label=f"{level:g} %")
        axes.set_xscale("log", base=2)
        axes.set_xticks(widths, [str(width) for width in widths], minor=False)
        axes.set(xlabel="units of a hidden layer", ylabel=name)
        plain_axes(axes)
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=5, frameon=False, fontsize=8.5)
    figure.suptitle(title, fontsize=11)
    return figure


@checked
def bend_places(names: Sequence[str], places: ArrayLike, documented: float, title: str) -> Figure:
    """Draw where curves bend, and how sure that is: a kind of network a row.

    Parameters
    ----------
    names : sequence of str
        Of the kinds.
    places : array_like of shape (kinds, 3)
        Accuracy at the bend, and the ends of its interval, per cent.
    documented : float
        Where the document sees the change, per cent.
    title : str
        Of the figure.
    """
    rows = real_array("places", places, (len(names), 3))
    figure = new_figure(1.2 + 0.33 * len(names))
    axes = figure.subplots()
    heights = np.arange(len(names))[::-1]
    for height, (place, low, high) in zip(heights, rows, strict=True):
        axes.plot([low, high], [height, height], color=BLUE, linewidth=2.2)
        axes.plot([place], [height], "o", color=BLUE, markersize=5)
    axes.axvline(documented, color="black", linestyle=":", linewidth=1.2, label=f"the paper: about {documented:g} %")
    axes.set_yticks(heights, [short(name, 2.6, 8.5) for name in names], fontsize=8.5)
    axes.set(xlabel="test accuracy at the bend, %")
    axes.set_ylim(-0.6, len(names) - 0.4)
    plain_axes(axes)
    axes.legend(loc="best", fontsize=7.5)
    figure.suptitle(title, fontsize=11)
    return figure


@checked
def against_accuracy(lines: Mapping[str, Sequence[tuple[ArrayLike, ArrayLike]]], ylabel: str, title: str) -> Figure:
    """Draw what features are like against accuracy: a line for each network while it learns.

    Parameters
    ----------
    lines : mapping of str to sequence of (array_like of shape (P,), array_like of shape (P,))
        Accuracy, per cent, and what features are like at each look, for each network of a kind; up to five kinds, which
        are told apart by colour and marker.
    ylabel : str
        What features are like.
    title : str
        Of the figure.
    """
    if not isinstance(lines, Mapping) or len(lines) > len(FEW) or not all(map(_of_networks, lines, lines.values())):
        raise wrong("lines", lines, f"a mapping from up to {len(FEW)} names to lists of pairs of arrays")
    figure = new_figure(3.8)
    axes = figure.subplots()
    for (name, networks), colour, marker in zip(lines.items(), FEW, MARKERS, strict=False):
        for at, (right, values) in enumerate(networks):
            x = real_array(f"lines[{name!r}][{at}][0]", right, ("P",))
            y = real_array(f"lines[{name!r}][{at}][1]", values, x.shape)
            label = name if at == 0 else None
            axes.plot(x, y, color=colour, marker=marker, markersize=3, linewidth=1, alpha=0.8, label=label)
    axes.set(xlabel="test accuracy, %", ylabel=ylabel)
    plain_axes(axes)
    figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=8.5)
    figure.suptitle(title, fontsize=11)
    return figure


def _of_networks(name: object, networks: object) -> bool:
    pairs = isinstance(networks, (list, tuple)) and all(isinstance(one, tuple) and len(one) == 2 for one in networks)
    return pairs and isinstance(name, str)
