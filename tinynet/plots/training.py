"""Training runs: loss and error by epoch, and the confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import whole_array
from tinynet.plots.canvas import cut_between, new_figure, plain_axes
from tinynet.plots.colours import BLUE, VERMILLION
from tinynet.plots.words import count_of, short
from tinynet.signatures import checked
from tinynet.training import History

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@checked
def history(run: History, others: str = "validation images") -> Figure:
    """Draw loss and error of a training run by epoch.

    Parameters
    ----------
    run : History
        As `tinynet.fit` returns it.
    others : str
        What the images are called that it was not trained on.
    """
    from matplotlib.ticker import MaxNLocator

    figure = new_figure(3.1)
    epochs = np.arange(1, len(run) + 1)
    marker = "o" if len(run) < 8 else ""
    curves = [
        ("loss", run.loss, run.validation_loss),
        ("error, %", [100 * (1 - right) for right in run.accuracy], [100 * (1 - r) for r in run.validation_accuracy]),
    ]
    for axes, (what, training, validation) in zip(figure.subplots(1, 2), curves, strict=True):
        axes.plot(epochs, training, color=BLUE, marker=marker, label="training images, while they are learned")
        if validation:
            axes.plot(epochs, validation, color=VERMILLION, marker=marker, linestyle="--", label=others)
        highest = np.nan_to_num([*training, *validation], posinf=0).max(initial=0)
        axes.set(xlabel="epoch", ylabel=what, ylim=(0, 1.06 * highest or 1))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        plain_axes(axes)
        axes.legend(frameon=False, fontsize=9)
    figure.suptitle(f"Training, {count_of(len(run), 'epoch')}", fontsize=11)
    cut_between(figure)
    return figure


@checked
def confusion(counts: ArrayLike, classes: Sequence[str], title: str = "Test images") -> Figure:
    """Draw the confusion matrix: how many images of each class are predicted as each class.

    Parameters
    ----------
    counts : array_like of shape (K, K)
        Images of the class of the row that are predicted as the class of the column.
    classes : sequence of str
        Their names.
    title : str
        Of the figure.
    """
    table = whole_array("counts", counts, 0, (len(classes), len(classes)))
    totals = table.sum(axis=1, keepdims=True)
    share = np.divide(table, totals, out=np.zeros(table.shape), where=totals > 0)
    small = table.max(initial=0) < 100  # numbers of two digits: they have room in a figure that a phone can show
    side = min(max(1.4 + (0.21 if small else 0.28) * len(classes), 3.4), 6.8)
    figure = new_figure(side + 1.0, side)
    axes = figure.subplots()
    picture = axes.imshow(share, cmap="Greys", vmin=0, vmax=1)
    step = ceil(len(classes) / 30)
    size = 10 if len(classes) <= 20 else 8
    names = [short(name, 1.0, size) for name in classes[::step]]
    ticks = range(0, len(classes), step)
    axes.set_xticks(ticks, names, rotation=90, fontsize=size)
    axes.set_yticks(ticks, names, fontsize=size)
    axes.set(xlabel="predicted as", ylabel="class")
    if len(classes) <= 20:
        digits = 10 if small else 7.5
        for row, column in np.argwhere(table > 0):
            colour = "white" if share[row, column] > 0.5 else "black"
            axes.text(column, row, f"{table[row, column]}", ha="center", va="center", fontsize=digits, color=colour)
    figure.colorbar(picture, ax=axes, label="share of the class", shrink=0.8, aspect=40, location="bottom")
    axes.set_title(title, fontsize=11)
    return figure
