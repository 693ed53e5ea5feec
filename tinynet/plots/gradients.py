"""Gradients of predictions: of filters, of pixels, and how alike they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import finite_array, whole_number
from tinynet.classes import check_labels
from tinynet.explain.units.filters import Unit, rank_units
from tinynet.explain.units.scores import checked_scores
from tinynet.plots.canvas import MARGIN, SHOWN, WIDTH, Sheet, new_figure, panel_width, with_rest
from tinynet.plots.colours import BLUE, BOARD, DARK, GREY, VERMILLION
from tinynet.plots.overlays import image_pairs
from tinynet.plots.pictures import aspect
from tinynet.plots.words import gradient_of, number, short, text_width
from tinynet.signatures import checked
from tinynet.types import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_CIRCLES = 1000  # units of a layer that are drawn


@checked
def network_circles(
    scores: Mapping[str, ArrayLike],
    images: ArrayLike,
    titles: Sequence[str],
    of: str = "logit",
    what: str = "class gradient",
    noun: str = "filter",
    columns: int = 3,
    *,
    signed: bool = False,
) -> Figure:
    """Draw the network as circles, one panel for each class or image: a row for each layer, a circle for each filter.

    Parameters
    ----------
    scores : mapping of str to array_like of shape (P, units)
        How strong each unit is in each panel, by output: the brightness, black for 0 and white for the strongest unit
        of the panel. Of the first 1,000 units of a layer; the panel says how many more there are.
    images : array_like of shape (P, C, H, W)
        The pictures beside the networks.
    titles : sequence of str
        One for each panel.
    of : str
        What the gradients are of.
    what : str
        Which gradients they are.
    noun : str
        What a circle stands for: a filter, or a unit.
    columns : int
        Panels beside each other.
    signed : bool
        Whether scores below zero count: then black is for the largest score against, and zero is grey.

    References
    ----------
    Lo, Cohen and Ding 2015, table II; Lo 2016, tables 4.1 and 4.2.
    """
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Circle, Rectangle

    values = {name: numbers[:SHOWN] for name, numbers in checked_scores(scores).items()}
    pictures = finite_array("images", images, shape=("P", "C", "H", "W"))[:SHOWN]
    widest = min(max(numbers.shape[1] for numbers in values.values()), MOST_CIRCLES)
    per_line = max(min(widest, 10), ceil(widest / 10))  # at most ten lines a layer
    width = panel_width(columns)
    picture_width = 0.33 * width
    board_width = width - picture_width - 0.08
    label = min(max(text_width(name, 6.5, "normal") for name in values) + 0.16, 0.5 * board_width)
    step = min((board_width - label - 0.1) / per_line, 0.22)
    lines = {name: ceil(min(numbers.shape[1], MOST_CIRCLES) / per_line) for name, numbers in values.items()}
    picture_height = picture_width * aspect(pictures)
    body = max(sum(lines.values()) * step * 1.1 + 0.08 * (len(lines) + 1), picture_height)
    between = (body - sum(lines.values()) * step * 1.1) / (len(lines) + 1)
    what, key = (what, "white for, black against") if signed else (f"the size of the {what}", "the brighter the larger")
    title = f"{noun.capitalize()} by {noun}: {what} of the {gradient_of(of)}, {key}"
    sheet = Sheet(len(pictures), columns, (width, body + 0.25), with_rest(title, len(titles)))
    for index, (panel, picture, name) in enumerate(zip(sheet.panels(), pictures, titles, strict=False)):
        strongest, value = _strongest(values, index)
        note = f"{'highest' if signed else 'strongest'}: {strongest.layer} · {strongest.unit}, {number(value)}"
        panel.text(name, 0, panel.height - 0.2, 0.45 * width, weight="bold")
        panel.text(note, width, panel.height - 0.2, 0.53 * width, size=7, align="right", color=GREY)
        panel.image(picture, 0, body - picture_height, picture_width)
        axes = panel.axes(width - board_width, 0, board_width, body)
        axes.set(xlim=(0, board_width), ylim=(0, body))
        axes.add_patch(Rectangle((0, 0), board_width, body, facecolor=DARK, edgecolor="none"))
        circles, brightness = [], []
        top = body - between
        for layer, numbers in values.items():
            axes.text(
                0.07, top - step * 0.55, short(layer, label - 0.08, 6.5), fontsize=6.5, color="#d5d9e0", va="center"
            )
            if numbers.shape[1] > MOST_CIRCLES:
                more = short(f"+{numbers.shape[1] - MOST_CIRCLES:,}", label - 0.08, 6.5)
                axes.text(0.07, top - step * 0.55 - 0.12, more, fontsize=6.5, color="#d5d9e0", va="center")
            for unit, score in enumerate(numbers[index, :MOST_CIRCLES]):
                line, column = divmod(unit, per_line)
                circles.append(Circle((label + (column + 0.5) * step, top - (line + 0.5) * step * 1.1), 0.43 * step))
                brightness.append(score)
            top -= lines[layer] * step * 1.1 + between
        dots = PatchCollection(circles, cmap="gray", edgecolor="#8b93a1", linewidth=0.5 if step > 0.1 else 0)
        dots.set_array(np.array(brightness))
        largest = max(float(np.abs(numbers[index]).max()) for numbers in values.values()) or 1.0
        dots.set_clim(-largest if signed else 0, largest)
        axes.add_collection(dots)
    return sheet.figure


@checked
def ranking_table(
    scores: Mapping[str, ArrayLike],
    images: ArrayLike,
    titles: Sequence[str],
    of: str = "logit",
    noun: str = "filter",
    shown: int = 3,
    *,
    title: str | None = None,
    order: tuple[str, str] = ("strongest", "weakest"),
) -> Figure:
    """Draw the filters at both ends of each class's ranking, with layer, number and value.

    Parameters
    ----------
    scores : mapping of str to array_like of shape (P, units)
        How strong each unit is for each class, by output.
    images : array_like of shape (P, C, H, W)
        One of each class.
    titles : sequence of str
        The classes.
    of : str
        What the gradients are of.
    noun : str
        What is ranked: filters, or units.
    shown : int
        How many of each end.
    title : str, optional
        Of the figure, if scores are no sizes of class gradients.
    order : pair of str
        What the first and the last of the ranking are called.

    References
    ----------
    Lo 2016, table 4.2.
    """
    from matplotlib.patches import Rectangle

    pictures, values = finite_array("images", images, shape=("P", "C", "H", "W"))[:SHOWN], checked_scores(scores)
    shown = min(whole_number("shown", shown), sum(numbers.shape[1] for numbers in values.values()))
    tall = aspect(pictures)
    row, name_width, gap = 0.5, 1.25, 0.16
    picture_width = (row - 0.04) / tall
    cell = (WIDTH - 2 * MARGIN - picture_width - name_width - 2 * gap) / (2 * shown)
    if title is None:
        title = f"Strongest and weakest {noun}s, by the size of the class gradient of the {gradient_of(of)}"
    size = (WIDTH - 2 * MARGIN, row)
    sheet = Sheet(len(pictures), 1, size, with_rest(title, len(titles)), gap=0.04, header=0.3)
    left_of = [picture_width + name_width + gap + i * cell + (gap if i >= shown else 0) for i in range(2 * shown)]
    sheet.header.text(f"{order[0]} first", left_of[0] + 0.05, 0.08, shown * cell, size=8, color=GREY)
    sheet.header.text(f"{order[1]} first", left_of[shown] + 0.05, 0.08, shown * cell, size=8, color=GREY)
    for index, (panel, picture, name) in enumerate(zip(sheet.panels(), pictures, titles, strict=False)):
        mine = {layer: numbers[index] for layer, numbers in values.items()}
        ranked = rank_units(mine)
        largest = max(float(np.abs(numbers).max()) for numbers in mine.values())
        panel.image(picture, 0, 0.02, picture_width)
        panel.text(name, picture_width + 0.1, row / 2 - 0.08, name_width - 0.05, weight="bold")
        axes = panel.axes(0, 0, *size)
        axes.set(xlim=(0, size[0]), ylim=(0, size[1]))
        for left, unit in zip(
            left_of, [*ranked[:shown], *rank_units(mine, strongest_first=False)[:shown]], strict=False
        ):
            value = float(mine[unit.layer][unit.unit])
            room = cell - 0.06
            axes.add_patch(Rectangle((left, 0.06), room, row - 0.12, facecolor=BOARD, edgecolor="none", alpha=0.5))
            full = room * (abs(value) / largest if largest else 0.0)
            axes.add_patch(Rectangle((left, 0.06), full, 0.07, color=BLUE if value >= 0 else VERMILLION, linewidth=0))
            taken = text_width(number(value), 7.5, "normal")
            ending = f" · {unit.unit}"
            layer = short(unit.layer, room - taken - 0.13 - text_width(ending, 7.5, "normal"), 7.5)
            axes.text(left + 0.05, row * 0.57, layer + ending, fontsize=7.5, va="center")
            axes.text(
                left + room - 0.05, row * 0.57, number(value), fontsize=7.5, va="center", ha="right", color="#444"
            )
    return sheet.figure


def _strongest(values: Mapping[str, Array], panel: int) -> tuple[Unit, float]:
    unit = rank_units({name: numbers[panel] for name, numbers in values.items()})[0]
    return unit, float(values[unit.layer][panel, unit.unit])


@checked
def saliency_maps(
    images: ArrayLike,
    maps: ArrayLike,
    titles: Sequence[str] = (),
    of: str = "logit",
    columns: int = 3,
) -> Figure:
    """Draw images beside the size of the gradients with respect to their pixels.

    Parameters
    ----------
    images : array_like of shape (P, C, H, W)
        The images that the gradients are of.
    maps : array_like of shape (P, H, W)
        As :func:`tinynet.saliency` returns them.
    titles : sequence of str, optional
        One for each image.
    of : str
        What the gradients are of.
    columns : int
        Panels beside each other.

    References
    ----------
    Lo 2016, section 3.2.2; Simonyan et al. 2014, section 3.
    """
    title = f"Saliency: size of the prediction gradient of the {gradient_of(of)} at each pixel"
    return image_pairs(images, maps, titles, title, columns, signed=False)[0]


@checked
def profile_similarity(tables: Mapping[str, ArrayLike], labels: ArrayLike, classes: Sequence[str], of: str) -> Figure:
    """Draw how alike the profiles of images are: one table of cosines a panel, images sorted by class.

    Parameters
    ----------
    tables : mapping of str to array_like of shape (N, N)
        Cosines of each image's profile with each other's, by title.
    labels : array_like of shape (N,)
        The classes of the images.
    classes : sequence of str
        Their names.
    of : str
        What the gradients are of.

    References
    ----------
    Lo, Cohen and Ding 2015, section V.A.
    """
    wanted = check_labels(labels, len(classes))
    order = np.argsort(wanted, kind="stable")
    ends = np.searchsorted(wanted[order], np.arange(len(classes) + 1))
    figure = new_figure(0.45 * WIDTH)
    panels = figure.subplots(1, len(tables), squeeze=False)[0]
    step = ceil(len(classes) / 15)
    for axes, (name, table) in zip(panels, tables.items(), strict=True):
        values = finite_array(f"tables[{name!r}]", table, shape=2 * wanted.shape)[np.ix_(order, order)]
        picture = axes.imshow(values, cmap="cividis", vmin=min(float(values.min()), 0.99), vmax=1)
        for end in ends[1:-1]:
            axes.axhline(end - 0.5, color="white", linewidth=0.5)
            axes.axvline(end - 0.5, color="white", linewidth=0.5)
        middles = ((ends[:-1] + ends[1:] - 1) / 2)[::step]
        names = [short(each, 0.6, 7) for each in classes[::step]]
        axes.set_xticks(middles, names, rotation=90, fontsize=7)
        axes.set_yticks(middles, names, fontsize=7)
        axes.set_title(name, fontsize=9)
        figure.colorbar(picture, ax=axes, shrink=0.6, label="cosine")
    figure.suptitle(f"How alike images use the network: profiles of gradients of the {gradient_of(of)}", fontsize=11)
    return figure
