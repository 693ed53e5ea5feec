"""What does no work in a network, and designs compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tinynet.explain.design import DesignComparison, Inspection
from tinynet.plots.canvas import new_figure, plain_axes
from tinynet.plots.colours import BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILLION
from tinynet.plots.words import short
from tinynet.signatures import checked

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STATES = (
    ("dead", VERMILLION, "//"),
    ("constant", ORANGE, "\\\\"),
    ("copies", PURPLE, "xx"),
    ("saturated", SKY, ".."),
    ("free", GREEN, "--"),
)


@checked
def inspection(report: Inspection) -> Figure:
    """Draw how many units of each hidden layer do no work of their own, and each layer's share of parameters and time.

    Parameters
    ----------
    report : Inspection
        As :func:`tinynet.explain.inspect_network` returns it.
    """
    table = report.rows()[1:]
    outputs, names = list(report.states), [row[0] for row in table]
    figure = new_figure(1.7 + 0.34 * len(names))
    left, right = figure.subplots(1, 2, width_ratios=(3, 2), sharey=True)
    rows = np.arange(len(names))[::-1]
    starts = np.zeros(len(outputs))
    for kind, units in _exclusive(report).items():
        colour, hatch = next(((colour, hatch) for name, colour, hatch in STATES if name == kind), ("0.85", ""))
        left.barh(
            rows[: len(outputs)],
            units,
            0.6,
            starts,
            color=colour,
            hatch=hatch,
            edgecolor="white",
            linewidth=0,
            label=kind,
        )
        starts = starts + units
    left.set(xlabel="units", yticks=rows, yticklabels=[short(name, 1.4, 9) for name in names])
    left.set_title("what hidden units do, each counted once", fontsize=9)
    for shift, column, colour, word in ((0.17, 2, BLUE, "parameters"), (-0.17, 3, GREY, "time")):
        shares = [float(row[column].rstrip("%")) for row in table]
        right.barh(rows + shift, shares, 0.32, color=colour, label=word)
    right.set(xlabel="share of the network, %", xlim=(0, 100))
    right.set_title("what layers cost", fontsize=9)
    for axes in (left, right):
        plain_axes(axes)
    handles = [*left.get_legend_handles_labels()[0], *right.get_legend_handles_labels()[0]]
    labels = [*left.get_legend_handles_labels()[1], *right.get_legend_handles_labels()[1]]
    figure.legend(handles, labels, loc="outside lower center", ncols=8, frameon=False, fontsize=8)
    figure.suptitle(f"A network inspected with {report.images} images", fontsize=11)
    return figure


def _exclusive(report: Inspection) -> dict[str, np.ndarray]:
    """Return how many units of each output are in each state, every unit counted as the first that holds."""
    found: dict[str, list[int]] = {kind: [] for kind in ("working", *(name for name, _, _ in STATES))}
    for output, states in report.states.items():
        free = np.zeros(len(states.dead), bool)
        free[[unit for layer, unit in report.free if layer == output]] = True
        left = np.ones(len(free), bool)
        holding = {
            "dead": states.dead,
            "constant": states.constant,
            "copies": states.copies >= 0,
            "saturated": states.saturated,
            "free": free,
        }
        for kind, holds in holding.items():
            found[kind].append(int(np.sum(left & holds)))
            left &= ~holds
        found["working"].append(int(left.sum()))
    return {kind: np.array(counts) for kind, counts in found.items()}


@checked
def design_comparison(comparison: DesignComparison, title: str = "Designs compared") -> Figure:
    """Draw the accuracies of designs, a dot a seed, and the margin within which they count as equal.

    Parameters
    ----------
    comparison : DesignComparison
        As :func:`tinynet.explain.compare_designs` returns it.
    title : str
    """
    names = comparison.names
    figure = new_figure(1.6 + 0.42 * len(names))
    axes = figure.subplots()
    rows = np.arange(len(names))[::-1]
    shares, least = 100 * comparison.accuracy, 100 * (comparison.accuracy[0].mean() - comparison.margin)
    axes.axvspan(least, 100 * comparison.accuracy[0].mean(), color="0.9", label="margin of equality")
    height = np.repeat(rows, shares.shape[1])
    axes.plot(shares.ravel(), height, "o", color=BLUE, markersize=4.5, alpha=0.6, label="a seed")
    axes.plot(shares.mean(axis=1), rows, "D", color=VERMILLION, markersize=6, label="mean")
    counts = [f"{count:,.0f} parameters" for count in comparison.parameters]
    labels = [f"{short(name, 2.2, 9)}\n{count}" for name, count in zip(names, counts, strict=True)]
    axes.set(xlabel="test accuracy, %", yticks=rows, yticklabels=labels, ylim=(-0.5, len(names) - 0.5))
    plain_axes(axes)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False, fontsize=8)
    figure.suptitle(title, fontsize=11)
    return figure
