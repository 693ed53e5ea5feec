"""Images changed until they are predicted as something else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import finite_array, real_array
from tinynet.explain.synthesis.adversarial import Attack
from tinynet.plots.canvas import MARGIN, WIDTH, Sheet, new_figure, plain_axes
from tinynet.plots.colours import GREY, VERMILLION
from tinynet.plots.pictures import aspect
from tinynet.plots.words import gradient_of, short
from tinynet.signatures import checked

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@checked
def adversarial_panels(
    images: ArrayLike, outputs: ArrayLike, rows: Sequence[str], columns: Sequence[str], title: str
) -> Figure:
    """Draw images moved towards another class, with the network's confidence in both.

    Parameters
    ----------
    images : array_like of shape (R, S, C, H, W)
        One image a row, moved further in each column.
    outputs : array_like of shape (R, S, 2)
        Outputs for the image's own class (t), and for the class that it is moved towards (y).
    rows : sequence of str
        Which image, towards which class.
    columns : sequence of str
        How far.
    title : str
        Of the figure; it should say along which gradient of what.

    References
    ----------
    Lo 2016, figure 4.5.
    """
    pictures = finite_array("images", images, shape=(len(rows), len(columns), "C", "H", "W"))
    values = real_array("outputs", outputs, (len(rows), len(columns), 2))
    label = 1.3
    size = (WIDTH - 2 * MARGIN - label) / pictures.shape[1] - 0.06
    tall = size * aspect(pictures)
    sheet = Sheet(len(pictures), 1, (WIDTH - 2 * MARGIN, tall + 0.34), title, header=0.24)
    for column, name in enumerate(columns):
        sheet.header.text(name, label + column * (size + 0.06), 0.02, size, size=8, color=GREY)
    for panel, name, line, pair in zip(sheet.panels(), rows, pictures, values, strict=True):
        for at, part in enumerate(name.split("\n")):
            panel.text(part, 0, 0.34 + tall / 2 - 0.17 * at, label - 0.1, size=8)
        for column, (picture, (own, target)) in enumerate(zip(line, pair, strict=True)):
            left = label + column * (size + 0.06)
            panel.image(picture, left, 0.32, size)
            weight = "bold" if target > own else "normal"
            panel.text(f"t {own:.2f}", left, 0.14, size, size=7)
            panel.text(f"y {target:.2f}", left, 0.0, size, size=7, weight=weight)
    return sheet.figure


@checked
def adversarial_curves(found: Attack, classes: Sequence[str], of: str = "logit") -> Figure:
    """Draw how often images reach the class that they are moved towards, and how often they are misclassified at all.

    Parameters
    ----------
    found : Attack
        As :func:`tinynet.explain.attack` returns it.
    classes : sequence of str
        Their names.
    of : str
        What the gradients are of.

    Notes
    -----
    A line for each target class; the easiest and the hardest to hit are named. The thick line is their mean.

    References
    ----------
    Lo 2016, figures 4.6 and 4.7.
    """
    from matplotlib import colormaps

    figure = new_figure(3.9)
    success, error = 100 * found.success(), 100 * found.error()
    order = np.argsort(np.nan_to_num(success.mean(axis=0)), kind="stable")
    names = {int(order[-1]): "easiest target", int(order[0]): "hardest target"}
    steps = found.steps
    panels = zip(
        figure.subplots(1, 2, sharey=True), (success, error), ("hit their target", "are misclassified"), strict=True
    )
    for axes, shares, what in panels:
        for rank, label in enumerate(order):
            colour = colormaps["cividis"](rank / max(len(order) - 1, 1))
            line = {"linestyle": "--", "linewidth": 2, "zorder": 3} if int(label) in names else {"linewidth": 1}
            title = names.get(int(label))
            title = title and f"{title}: {short(classes[label], 1.4, 9)}"
            axes.plot(steps, shares[:, label], color=colour, label=title, **line)
        axes.plot(steps, np.nanmean(shares, axis=1), color=VERMILLION, linewidth=2.6, marker="o", label="mean")
        axes.set_title(f"images that {what}, %", fontsize=9)
        if (steps > 0).all() and len(steps) > 1:
            axes.set_xscale("log")
        axes.set(xlabel="length of the step", ylim=(-3, 103))
        plain_axes(axes)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    figure.suptitle(f"Images moved along the prediction gradient of the {gradient_of(of)}", fontsize=11)
    return figure
