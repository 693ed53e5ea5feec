"""What happens without some filters: errors, confusions, and networks made smaller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import finite_array, real_array, whole_array, whole_number, wrong
from tinynet.explain.ablation.knockouts import KnockoutCurve
from tinynet.explain.ablation.orders import OrderComparison, OrderErrors
from tinynet.explain.units.weakness import WeakUnits
from tinynet.plots.canvas import cut_between, new_figure, plain_axes
from tinynet.plots.colours import BLUE, FEW, GREY, MARKERS, VERMILLION
from tinynet.plots.words import count_of, gradient_of, short
from tinynet.signatures import checked
from tinynet.types import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@checked
def knockout_curve(curve: KnockoutCurve, classes: Sequence[str], noun: str = "filter") -> Figure:
    """Draw the errors as units go one after the other: of all images, and of each class.

    Parameters
    ----------
    curve : KnockoutCurve
        As :func:`tinynet.explain.knockout_curve` returns it.
    classes : sequence of str
        Their names.
    noun : str
        What is knocked out: filters, or units.

    Notes
    -----
    The classes that lose most on the way have a colour and a name, the others are grey; one without images has no line.
    """
    from matplotlib.ticker import MaxNLocator

    gone, count = np.arange(len(curve.error)), curve.class_error.shape[1]
    if len(classes) != count:
        raise wrong("classes", classes, f"the names of {count_of(count, 'class')}")
    harm = curve.class_error.mean(axis=0)
    there = np.argsort(-harm, kind="stable")[: np.isfinite(harm).sum()]
    figure = new_figure(3.9)
    axes = figure.subplots()
    for at, label in reversed(list(enumerate(there))):  # grey below the colours
        worst = at < len(FEW)
        colour, marker, alpha = (FEW[at], MARKERS[at], 1.0) if worst else (GREY, "", 0.5)
        name = short(classes[label], 1.4, 9) if worst else "other classes" if at == len(FEW) else None
        (line,) = axes.plot(gone, 100 * curve.class_error[:, label], linewidth=1, color=colour, alpha=alpha, label=name)
        line.set(marker=marker, markersize=3.5)
    axes.plot(gone, 100 * curve.error, color="black", linewidth=2.4, label="all images")
    axes.set(xlabel=f"{noun}s knocked out", ylabel="images that are misclassified, %", ylim=(-3, 103))
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
    plain_axes(axes)
    handles, names = axes.get_legend_handles_labels()
    figure.legend(
        handles[::-1], names[::-1], loc="outside lower center", ncols=min(len(names), 4), frameon=False, fontsize=9
    )
    figure.suptitle(f"Errors as {noun}s are knocked out, one after the other", fontsize=11)
    return figure


@checked
def knockout_curves(
    comparison: OrderComparison,
    of: str = "logit",
    noun: str = "filter",
    *,
    random: OrderErrors | None = None,
    order: tuple[str, str] = ("strongest", "weakest"),
) -> Figure:
    """Draw the errors as filters go: strongest first, weakest first, and in random orders.

    Parameters
    ----------
    comparison : OrderComparison
        As :func:`tinynet.explain.compare_orders` returns it.
    of : str
        What the gradients are of.
    noun : str
        What is knocked out: filters, or units.
    random : OrderErrors, optional
        Those of random orders, if the comparison has none of its own.
    order : pair of str
        What the first and the last of the ranking are called.

    Notes
    -----
    Lines are means over the classes, bands hold the middle half of the classes (of the random orders, on the right).

    References
    ----------
    Lo 2016, figures 4.1 (class error) and 4.2 (error on all images).
    """
    from matplotlib.ticker import MaxNLocator, StrMethodFormatter

    figure = new_figure(4.2)
    panels = zip(
        figure.subplots(1, 2, sharey=True), ("class_error", "error"), ("the class", "all classes"), strict=True
    )
    styles = (
        (f"{order[0]} first", comparison.strongest, VERMILLION, "o", "-"),
        ("random order", comparison.random if random is None else random, GREY, "", "--"),
        (f"{order[1]} first", comparison.weakest, BLUE, "s", "-"),
    )
    for axes, which, whose in panels:
        for name, errors, colour, marker, line in styles:
            rows = _rows(errors, which)
            low, high = np.quantile(rows, (0.25, 0.75), axis=0)
            axes.fill_between(comparison.counts, low, high, color=colour, alpha=0.15, linewidth=0)
            axes.plot(
                comparison.counts, rows.mean(axis=0), line, color=colour, marker=marker, markersize=3.5, label=name
            )
        axes.set(xlabel=f"{noun}s knocked out")
        axes.set_title(f"images of {whose} that are misclassified, %", fontsize=9)
        axes.set_ylim(-3, 103)
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        plain_axes(axes)
        axes.tick_params(labelleft=True)
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17), ncols=2, frameon=False, fontsize=9)
    figure.suptitle(
        f"Without {noun}s, {order[0]} or {order[1]} first, by gradients of the {gradient_of(of)}", fontsize=11
    )
    cut_between(figure)
    return figure


def _rows(errors: OrderErrors, which: str) -> Array:
    """Return the curves in per cent, one row for each order and class."""
    values = np.asarray(getattr(errors, which))
    return 100 * values.reshape(-1, values.shape[-1])


@checked
def knockouts_by_class(
    comparison: OrderComparison, classes: Sequence[str], of: str = "logit", noun: str = "filter"
) -> Figure:
    """Draw the errors of a few classes one by one: without the strongest on the left, without the weakest on the right.

    Parameters
    ----------
    comparison : OrderComparison
        As :func:`tinynet.explain.compare_orders` returns it.
    classes : sequence of str
        The names of its classes; five of them are drawn.
    of : str
        What the gradients are of.
    noun : str
        What is knocked out: filters, or units.

    References
    ----------
    Lo, Cohen and Ding 2015, figure 2.
    """
    shown = np.unique(np.linspace(0, len(comparison.classes) - 1, len(FEW)).round().astype(int))
    figure = new_figure(5.6)
    grid = figure.subplots(2, 2, sharex=True, sharey=True)
    rows = (("class_error", "images of the class"), ("error", "all images"))
    columns = ((comparison.strongest, "strongest"), (comparison.weakest, "weakest"))
    for line, (which, whose) in zip(grid, rows, strict=True):
        for axes, (errors, what) in zip(line, columns, strict=True):
            curves = 100 * getattr(errors, which).mean(axis=0)
            for at, colour, marker in zip(shown, FEW, MARKERS, strict=False):
                name = short(classes[comparison.classes[at]], 1.4, 9)
                axes.plot(comparison.counts, curves[at], color=colour, marker=marker, markersize=3.5, label=name)
            axes.set_title(f"{whose} that are misclassified, %, {what} first", fontsize=9)
            axes.set_ylim(-3, 103)
            plain_axes(axes)
    for axes in grid[1]:
        axes.set_xlabel(f"{noun}s knocked out")
        axes.locator_params(axis="x", integer=True)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=5, frameon=False, fontsize=9)
    figure.suptitle(f"Five classes, {noun}s ranked by the class gradient of the {gradient_of(of)}", fontsize=11)
    return figure


@checked
def order_harms(harms: Mapping[str, tuple[ArrayLike, ArrayLike]], chance: ArrayLike, title: str) -> Figure:
    """Draw how soon classes fail under several rankings: strongest first beside weakest first, and chance.

    Parameters
    ----------
    harms : mapping of str to pair of array_like of shape (M,)
        By the name of the ranking: areas under the error curves, 0 to 1, strongest first and weakest first.
    chance : array_like of shape (M,)
        The same for random orders.
    title : str
        Of the figure.

    Notes
    -----
    Points are medians, lines hold the middle half. A good ranking has its circle right and its square left of chance.
    """
    if not isinstance(harms, Mapping) or not all(isinstance(h, Sequence) and len(h) == 2 for h in harms.values()):
        raise wrong("harms", harms, "a mapping from names to pairs of arrays")
    figure = new_figure(1.5 + 0.34 * len(harms))
    axes = figure.subplots()
    places = np.arange(len(harms))[::-1]
    kinds = (("strongest first", VERMILLION, "o", 0.1), ("weakest first", BLUE, "s", -0.1))
    for at, (name, colour, marker, above) in enumerate(kinds):
        quartiles = 100 * np.array(
            [np.quantile(real_array(f"harms[{key!r}]", pair[at]), (0.25, 0.5, 0.75)) for key, pair in harms.items()]
        )
        axes.hlines(places + above, quartiles[:, 0], quartiles[:, 2], color=colour, linewidth=1.5, alpha=0.6)
        axes.plot(quartiles[:, 1], places + above, marker, color=colour, markersize=6, label=name)
    low, middle, high = 100 * np.quantile(real_array("chance", chance, ("M",)), (0.25, 0.5, 0.75))
    axes.axvspan(low, high, color=GREY, alpha=0.12, linewidth=0)
    axes.axvline(middle, color=GREY, linestyle="--", label="random order")
    axes.set_yticks(places, [short(name, 2.6, 9) for name in harms])
    axes.set_ylim(-0.6, len(harms) - 0.4)
    axes.set_xlabel("area under the curve of the class error, % (more: fails sooner)")
    plain_axes(axes)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    figure.suptitle(title, fontsize=11)
    return figure


@checked
def ranking_curves(counts: ArrayLike, curves: Mapping[str, ArrayLike], chance: ArrayLike, title: str) -> Figure:
    """Draw the class error as units go by several rankings, strongest first and weakest first.

    Parameters
    ----------
    counts : array_like of shape (S,)
        Units knocked out.
    curves : mapping of str to array_like of shape (2, R, S)
        By the name of the ranking: errors, 0 to 1, strongest first and weakest first, of each of R networks.
    chance : array_like of shape (R, S)
        The same in random orders.
    title : str
        Of the figure.

    Notes
    -----
    Lines are medians over the networks.
    """
    from matplotlib.ticker import MaxNLocator

    if not isinstance(curves, Mapping):
        raise wrong("curves", curves, "a mapping from names of rankings to arrays")
    gone = whole_array("counts", counts, 0, ("S",))
    figure = new_figure(3.9)
    axes = figure.subplots()

    by_chance = np.median(finite_array("chance", chance, np.float64, ("R", len(gone))), axis=0)
    axes.plot(gone, 100 * by_chance, "--", color=GREY, label="random order")
    for (name, pair), colour, marker in zip(curves.items(), FEW, MARKERS, strict=False):
        rows = np.median(finite_array(f"curves[{name!r}]", pair, np.float64, (2, "R", len(gone))), axis=1)
        for row, line, label in zip(rows, ("-", ":"), (short(name, 2.6, 9), None), strict=True):
            axes.plot(gone, 100 * row, line, color=colour, marker=marker, markersize=3.5, label=label)
    axes.set(xlabel="filters knocked out", ylabel="class error, %", ylim=(-3, 103))
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
    plain_axes(axes)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False, fontsize=9)
    figure.suptitle(title, fontsize=11)
    return figure


@checked
def confusion_lines(predicted_as: ArrayLike, classes: Sequence[str], highlighted: int, noun: str = "filter") -> Figure:
    """Draw the most frequent prediction for the images of each class as units are knocked out, one line a class.

    Parameters
    ----------
    predicted_as : array_like of shape (S, K)
        The class that most images of each class are predicted as after 0, 1, ... knock-outs, as
        :func:`tinynet.explain.confusions` returns it; -1 where there is none.
    classes : sequence of str
        Their names.
    highlighted : int
        The class whose units are knocked out.
    noun : str
        What is knocked out: filters, or units.

    References
    ----------
    Lo, Cohen and Ding 2015, figure 3.
    """
    from matplotlib import colormaps

    count = len(classes)
    rows = np.ma.masked_less(whole_array("predicted_as", predicted_as, -1, ("S", count)), 0)
    whole_number("highlighted", highlighted, 0, count - 1)
    figure = new_figure(float(np.clip(1.4 + 0.27 * count, 2.4, 9.0)))
    axes = figure.subplots()
    steps = np.arange(len(rows))
    for label in range(count):
        own = label == highlighted
        away = 0.7 * ((label + 0.5) / count - 0.5)
        colour = VERMILLION if own else colormaps["cividis"](label / max(count - 1, 1))
        axes.plot(steps, rows[:, label] + away, color=colour, linewidth=2.6 if own else 1.1, zorder=3 if own else 2)
    step = ceil(count / 30)
    axes.set_yticks(range(0, count, step), [short(name, 1.2, 8) for name in classes[::step]], fontsize=8)
    axes.set(
        xlabel=f"strongest {noun}s of {short(classes[highlighted], 2)} knocked out", ylabel="most often predicted as"
    )
    axes.locator_params(axis="x", integer=True)
    axes.set_ylim(count - 0.4, -0.6)
    axes.margins(x=0.01)
    axes.grid(axis="x", alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title("What each class is predicted as; a line starts at its own class", fontsize=11)
    return figure


@checked
def weak_lists(found: WeakUnits, classes: Sequence[str], noun: str = "filter") -> Figure:
    """Draw which units are among the weakest of each class.

    Parameters
    ----------
    found : WeakUnits
        As :func:`tinynet.explain.weak_units` returns it.
    classes : sequence of str
        The names of the classes.
    noun : str
        What the units are.

    References
    ----------
    Lo, Cohen and Ding 2015, section V.E.
    """
    units = len(found.units)
    figure = new_figure(min(1.5 + 0.22 * len(classes), 9.0))
    axes = figure.subplots()
    axes.imshow(found.weak, cmap="Blues", vmin=0, vmax=1.25, aspect="auto", interpolation="nearest")
    layers = [unit.layer for unit in found.units]
    starts = [at for at in range(units) if at == 0 or layers[at] != layers[at - 1]]
    for at in starts[1:]:
        axes.axvline(at - 0.5, color=VERMILLION, linewidth=1.5)
    step = ceil(units / 40)
    axes.set_xticks(range(0, units, step), [str(unit.unit) for unit in found.units][::step], fontsize=8)
    ends = [*starts[1:], units]
    for start, end in zip(starts, ends, strict=True):
        room = 7 * (end - start) / units
        axes.text((start + end - 1) / 2, -0.75, short(layers[start], room, 8), ha="center", va="bottom", fontsize=8)
    rows = ceil(len(classes) / 36)
    axes.set_yticks(range(0, len(classes), rows), [short(name, 1.2, 8) for name in classes[::rows]], fontsize=8)
    axes.set_xlabel(f"{noun}, by layer")
    figure.suptitle(f"The {int(found.weak[0].sum())} weakest {noun}s of each class", fontsize=11)
    return figure


@checked
def pruning_curves(
    counts: ArrayLike, errors: Mapping[str, ArrayLike], costs: Mapping[str, ArrayLike], noun: str = "filter"
) -> Figure:
    """Draw the test error as units are removed, before and after training again, and what is saved.

    Parameters
    ----------
    counts : array_like of shape (S,)
        Units removed.
    errors : mapping of str to array_like of shape (R, S)
        Shares of the test images, by what was done, for each of R networks.
    costs : mapping of str to array_like of shape (R, S)
        Relative to the whole network, by what is counted.
    noun : str
        What is removed: filters, or units.
    """
    figure = new_figure(3.9)
    removed = whole_array("counts", counts, 0, ("S",))
    left, right = figure.subplots(1, 2)
    panels = ((left, errors, "test images that are misclassified, %"), (right, costs, "% of the whole network"))
    for axes, curves, what in panels:
        for (name, values), colour, marker in zip(curves.items(), FEW, MARKERS, strict=False):
            rows = 100 * real_array(f"values of {name}", values, ("R", len(removed)))
            axes.fill_between(removed, *np.quantile(rows, (0.25, 0.75), axis=0), color=colour, alpha=0.15, linewidth=0)
            axes.plot(removed, np.median(rows, axis=0), color=colour, marker=marker, markersize=4, label=name)
        axes.set_title(what, fontsize=9)
        axes.set_xlabel(f"{noun}s removed")
        axes.set_ylim(0, None)
        axes.legend(frameon=False, fontsize=8)
        plain_axes(axes)
    figure.suptitle(f"The network with {noun}s physically removed", fontsize=11)
    return figure
