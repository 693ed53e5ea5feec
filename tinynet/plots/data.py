"""Images of a data set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import finite_array, instance, whole_number
from tinynet.plots.canvas import MARGIN, SHOWN, WIDTH, Sheet, new_figure, panel_width, plain_axes, with_rest
from tinynet.plots.colours import BLUE
from tinynet.plots.pictures import aspect, side_by_side
from tinynet.plots.words import count_of, visible
from tinynet.signatures import checked

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tinynet.datasets import Dataset


@checked
def image_grid(images: ArrayLike, titles: Sequence[str], title: str = "", columns: int = 5) -> Figure:
    """Draw images with their titles, such as one for each class.

    Parameters
    ----------
    images : array_like of shape (P, C, H, W)
        Grey or RGB, 0 (black) to 1 (white); values beyond are scaled into that range.
    titles : sequence of str
        One for each image.
    title : str
        Of the figure.
    columns : int
        Images beside each other.
    """
    pictures = finite_array("images", images, shape=("P", "C", "H", "W"))[:SHOWN]
    size = panel_width(columns)
    sheet = Sheet(len(pictures), columns, (size, size * aspect(pictures) + 0.3), with_rest(title, len(titles)))
    for panel, picture, name in zip(sheet.panels(), pictures, titles, strict=False):
        panel.text(name, 0, 0.02, size)
        panel.image(picture, 0, 0.26, size)
    return sheet.figure


@checked
def attribute_shares(shares: Mapping[str, float], title: str = "Images that have each attribute") -> Figure:
    """Draw how many of the images have each attribute, the most frequent on top.

    Parameters
    ----------
    shares : mapping of str to float
        Share of the images, 0 to 1, such as :func:`tinynet.datasets.celeba.attribute_shares` returns.
    title : str
        Of the figure.

    References
    ----------
    Meniconi et al., figure 2.1.
    """
    names = sorted(shares, key=lambda name: -shares[name])
    figure = new_figure(0.16 * len(names) + 0.9)
    axes = figure.subplots()
    percent = [100 * shares[name] for name in names]
    bars = axes.barh(range(len(names)), percent, color=BLUE)
    axes.bar_label(bars, [f"{value:.1f}" for value in percent], padding=2, fontsize=7)
    axes.set_yticks(range(len(names)), [visible(name.replace("_", " ")) for name in names], fontsize=7)
    axes.set(ylim=(len(names) - 0.4, -0.6), xlim=(0, 105), xlabel="% of the images")
    plain_axes(axes)
    axes.grid(visible=False, axis="y")
    axes.set_axisbelow(True)
    figure.suptitle(title, fontsize=11)
    return figure


@checked
def data_sample(data: Dataset, per_class: int = 10) -> Figure:
    """Draw the first images of each class, one class a row.

    Parameters
    ----------
    data : Dataset
        Images with their classes.
    per_class : int
        Images of a class.
    """
    from tinynet.datasets import Dataset

    instance("data", data, Dataset)
    per_class = whole_number("per_class", per_class, 1, 100)
    label, size = 1.3, (WIDTH - 1.3 - 2 * MARGIN) / per_class
    classes = data.classes[:SHOWN]
    title = f"{data.name}: {count_of(len(data), 'image')} of {count_of(len(data.classes), 'class')}"
    panel_size = (WIDTH - 2 * MARGIN, size * aspect(data.x))
    sheet = Sheet(len(classes), 1, panel_size, with_rest(title, len(data.classes)), gap=0.04)
    for panel, index, name in zip(sheet.panels(), range(len(classes)), classes, strict=True):
        panel.text(name, 0, (panel.height - 0.15) / 2, label - 0.1)
        chosen = np.flatnonzero(data.labels == index)[:per_class]
        if len(chosen):
            panel.pixels(side_by_side(data.x[chosen]), label, 0, size * len(chosen), panel.height)
    return sheet.figure
