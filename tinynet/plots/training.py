"""Training runs: loss and error by epoch, and the confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import whole_array
from tinynet.plots.canvas import WIDTH, new_figure, plain_axes
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
    axes.legend(frameon=False, fontsize=8)
    figure.suptitle(f"Training, {count_of(len(run), 'epoch')}", fontsize=11)
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
    side = min(max(1.6 + 0.25 * len(classes), 3.4), 6.5)
    figure = new_figure(side, min(side + 2.0, WIDTH))
    axes = figure.subplots()
    picture = axes.imshow(share, cmap="Greys", vmin=0, vmax=1)
    step = ceil(len(classes) / 30)
    names = [short(name, 1.0, 8) for name in classes[::step]]
    ticks = range(0, len(classes), step)
    axes.set_xticks(ticks, names, rotation=90, fontsize=8)
    axes.set_yticks(ticks, names, fontsize=8)
    axes.set(xlabel="predicted as", ylabel="class")
    if len(classes) <= 20:
        for row, column in np.argwhere(table > 0):
            colour = "white" if share[row, column] > 0.5 else "black"
            axes.text(column, row, f"{table[row, column]}", ha="center", va="center", fontsize=7.5, color=colour)
    figure.colorbar(picture, ax=axes, label="share of the class", shrink=0.8)
    axes.set_title(title, fontsize=11)
    return figure
