"""Every figure, one function each: arrays in, a matplotlib Figure out, which the caller shows or saves.

Colours are those of Okabe and Ito, grey, or cividis, so that a figure reads the same for colour-blind people and in
grey print. Panels are laid out in inches, and names are shortened to the room they have, so that no text is clipped.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinynet.explain.adversarial import Attack
from tinynet.explain.features import Feature
from tinynet.explain.filters import Unit, rank_units
from tinynet.explain.orders import OrderComparison, OrderErrors
from tinynet.explain.units import ranked_outputs
from tinynet.explain.weakness import WeakUnits
from tinynet.layers import Layer
from tinynet.network import Network
from tinynet.training import History

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tinynet.datasets import Dataset

Array = NDArray[Any]

WIDTH = 9.0  # inches, of a figure
SHOWN = 15  # classes that a figure with one panel a class shows at most
MAPS_A_LINE, MOST_MAPS = 10, 40
MARGIN = 0.12
TITLE = 0.34
FONT = "DejaVu Sans"
DARK, BOARD = "#2b3038", "#dbe3ec"
BLUE, ORANGE, VERMILLION, SKY, GREY = "#0072B2", "#E69F00", "#D55E00", "#56B4E9", "#6b7280"
GREEN, PURPLE = "#009E73", "#CC79A7"
FEW = (BLUE, VERMILLION, GREEN, ORANGE, PURPLE)  # colours of a few lines, told apart by markers too
MARKERS = ("o", "s", "^", "D", "v")
PREDICTIONS = {
    "logit": "logit",
    "probability": "probability",
    "log_probability": "log-probability",
    "margin": "margin over the strongest other class",
}


# --------------------------------------------------------------------------------------------------------- the data


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
    pictures = np.asarray(images)[:SHOWN]
    size = (WIDTH - MARGIN) / columns - MARGIN
    sheet = Sheet(len(pictures), columns, (size, size * _aspect(pictures) + 0.3), _with_rest(title, len(titles)))
    for panel, picture, name in zip(sheet.panels(), pictures, titles, strict=False):
        panel.text(name, 0, 0.02, size)
        panel.image(picture, 0, 0.26, size)
    return sheet.figure


def data_sample(data: Dataset, per_class: int = 10) -> Figure:
    """Draw the first images of each class, one class a row.

    Parameters
    ----------
    data : Dataset
    per_class : int
        Images of a class.
    """
    label, size = 1.3, (WIDTH - 1.3 - 2 * MARGIN) / per_class
    classes = data.classes[:SHOWN]
    title = f"{data.name}: {count_of(len(data), 'image')} of {count_of(len(data.classes), 'class')}"
    panel_size = (WIDTH - 2 * MARGIN, size * _aspect(data.x))
    sheet = Sheet(len(classes), 1, panel_size, _with_rest(title, len(data.classes)), gap=0.04)
    for panel, index, name in zip(sheet.panels(), range(len(classes)), classes, strict=True):
        panel.text(name, 0, (panel.height - 0.15) / 2, label - 0.1)
        chosen = np.flatnonzero(data.labels == index)[:per_class]
        if len(chosen):
            panel.pixels(_side_by_side(data.x[chosen]), label, 0, size * len(chosen), panel.height)
    return sheet.figure


# ------------------------------------------------------------------------------------------------------ the network


def history(run: History) -> Figure:
    """Draw loss and error of a training run by epoch.

    Parameters
    ----------
    run : History
        As `tinynet.fit` returns it.
    """
    figure = _figure(3.1)
    epochs = np.arange(1, len(run) + 1)
    marker = "o" if len(run) < 8 else ""
    curves = [
        ("loss", run.loss, run.validation_loss),
        ("error, %", [100 * (1 - right) for right in run.accuracy], [100 * (1 - r) for r in run.validation_accuracy]),
    ]
    for axes, (what, training, validation) in zip(figure.subplots(1, 2), curves, strict=True):
        axes.plot(epochs, training, color=BLUE, marker=marker, label="training images, before each step")
        if validation:
            axes.plot(epochs, validation, color=VERMILLION, marker=marker, linestyle="--", label="validation images")
        axes.set(xlabel="epoch", ylabel=what, ylim=(0, None))
        _plain(axes)
    axes.legend(frameon=False, fontsize=8)
    figure.suptitle(f"Training, {count_of(len(run), 'epoch')}", fontsize=11)
    return figure


def confusion(counts: ArrayLike, classes: Sequence[str], title: str = "Test images") -> Figure:
    """Draw how many images of each class are taken for each class.

    Parameters
    ----------
    counts : array_like of shape (K, K)
        Images of the class of the row that are taken for the class of the column.
    classes : sequence of str
        Their names.
    title : str
        Of the figure.
    """
    table = np.asarray(counts)
    totals = table.sum(axis=1, keepdims=True)
    share = np.divide(table, totals, out=np.zeros(table.shape), where=totals > 0)
    side = min(max(1.6 + 0.25 * len(classes), 3.4), 6.5)
    figure = _figure(side, min(side + 2.0, WIDTH))
    axes = figure.subplots()
    picture = axes.imshow(share, cmap="Greys", vmin=0, vmax=1)
    step = ceil(len(classes) / 30)
    names = [short(name, 1.0, 8) for name in classes[::step]]
    ticks = range(0, len(classes), step)
    axes.set_xticks(ticks, names, rotation=90, fontsize=8)
    axes.set_yticks(ticks, names, fontsize=8)
    axes.set(xlabel="taken for", ylabel="class")
    if len(classes) <= 20:
        for row, column in np.argwhere(table > 0):
            colour = "white" if share[row, column] > 0.5 else "black"
            axes.text(column, row, f"{table[row, column]}", ha="center", va="center", fontsize=7.5, color=colour)
    figure.colorbar(picture, ax=axes, label="share of the class", shrink=0.8)
    axes.set_title(title, fontsize=11)
    return figure


def feature_maps(net: Network, image: ArrayLike, title: str = "Output of every filter for one image") -> Figure:
    """Draw what each filter, or each hidden unit, puts out for an image, or for several; one row a layer.

    Parameters
    ----------
    net : Network
    image : array_like of shape (C, H, W) or (P, C, H, W)
    title : str
        Of the figure.

    References
    ----------
    Lo, Cohen and Ding 2015, figure 1; Lo 2016, figure 3.1.
    """
    pictures = np.asarray(image)
    pictures = pictures.reshape(-1, *pictures.shape[-3:])
    trace = net.trace(pictures)
    outputs = {name: trace[name] for name in ranked_outputs(net)}
    lines = {name: ceil(min(maps.shape[1], MOST_MAPS) / MAPS_A_LINE) for name, maps in outputs.items()}
    picture_width, label = 1.5, 0.8
    left = picture_width + 0.15 + label
    size = (WIDTH - 2 * MARGIN - left) / MAPS_A_LINE
    picture_height = picture_width * _aspect(pictures)
    height = max(sum(lines.values()) * size + 0.1 * (len(lines) - 1), picture_height)
    sheet = Sheet(len(pictures), 1, (WIDTH - 2 * MARGIN, height), title)
    for index, (panel, picture) in enumerate(zip(sheet.panels(), pictures, strict=True)):
        panel.image(picture, 0, height - picture_height, picture_width)
        top = height
        for name, maps in outputs.items():
            tall = lines[name] * size
            _filter_row(panel, name, maps[index], left - label, top - tall, label, size, tall)
            top -= tall + 0.1
    return sheet.figure


def _filter_row(
    panel: Panel, name: str, maps: Array, left: float, bottom: float, label: float, size: float, tall: float
) -> None:
    """Draw the maps of one layer for one image, with the layer's name in front of them."""
    from matplotlib.patches import Rectangle

    limit = float(np.abs(maps).max()) or 1.0
    note = f"{MOST_MAPS} of {len(maps)}" if len(maps) > MOST_MAPS else f"up to {number(limit)}"
    panel.text(name, left, bottom + tall - 0.2, label - 0.1)
    panel.text(note, left, bottom + tall - 0.36, label - 0.1, size=7, color=GREY)
    across = min(len(maps), MAPS_A_LINE)
    axes = panel.pixels(_montage(maps[:MOST_MAPS], across), left + label, bottom, across * size, tall, (-limit, limit))
    axes.set_anchor("NW")
    axes.add_patch(Rectangle((0, 0), 1, 1, transform=axes.transAxes, facecolor=BOARD, edgecolor="none", zorder=-1))


# ------------------------------------------------------------------------------------------------------ explanations


def gradient_of(of: str) -> str:
    """Return what the gradients of a kind are gradients of, in words.

    Parameters
    ----------
    of : {"logit", "probability", "log_probability", "margin"}
    """
    return PREDICTIONS.get(of, of)


def network_circles(
    scores: Mapping[str, ArrayLike],
    images: ArrayLike,
    titles: Sequence[str],
    of: str = "logit",
    what: str = "class gradient",
    noun: str = "filter",
    columns: int = 3,
) -> Figure:
    """Draw the network as circles, one panel for each class or image: a row for each layer, a circle for each filter.

    Parameters
    ----------
    scores : mapping of str to array_like of shape (P, units)
        How strong each unit is in each panel, by output: the brightness, black for 0 and white for the strongest unit
        of the panel.
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

    References
    ----------
    Lo, Cohen and Ding 2015, table II; Lo 2016, tables 4.1 and 4.2.
    """
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Circle, Rectangle

    values = {name: np.asarray(numbers, float)[:SHOWN] for name, numbers in scores.items()}
    pictures = np.asarray(images)[:SHOWN]
    most = 100
    per_line = min(max(numbers.shape[1] for numbers in values.values()), 10)
    width = (WIDTH - MARGIN) / columns - MARGIN
    picture_width, label = 0.33 * width, 0.44
    board_width = width - picture_width - 0.08
    step = min((board_width - label - 0.1) / per_line, 0.22)
    lines = {name: ceil(min(numbers.shape[1], most) / per_line) for name, numbers in values.items()}
    picture_height = picture_width * _aspect(pictures)
    body = max(sum(lines.values()) * step * 1.1 + 0.08 * (len(lines) + 1), picture_height)
    between = (body - sum(lines.values()) * step * 1.1) / (len(lines) + 1)
    title = f"{noun.capitalize()} by {noun}: the size of the {what} of the {gradient_of(of)}, the brighter the larger"
    sheet = Sheet(len(pictures), columns, (width, body + 0.25), _with_rest(title, len(titles)))
    for index, (panel, picture, name) in enumerate(zip(sheet.panels(), pictures, titles, strict=False)):
        strongest, value = _strongest(values, index)
        note = f"strongest: {strongest.layer} · {strongest.unit}, {number(value)}"
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
            for unit, score in enumerate(numbers[index, :most]):
                line, column = divmod(unit, per_line)
                circles.append(Circle((label + (column + 0.5) * step, top - (line + 0.5) * step * 1.1), 0.43 * step))
                brightness.append(score)
            top -= lines[layer] * step * 1.1 + between
        dots = PatchCollection(circles, cmap="gray", edgecolor="#8b93a1", linewidth=0.5)
        dots.set_array(np.array(brightness))
        dots.set_clim(0, value or 1.0)
        axes.add_collection(dots)
    return sheet.figure


def ranking_table(
    scores: Mapping[str, ArrayLike],
    images: ArrayLike,
    titles: Sequence[str],
    of: str = "logit",
    noun: str = "filter",
    shown: int = 3,
) -> Figure:
    """Draw the strongest and weakest filters of each class, with layer, number and value.

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
        How many of the strongest and of the weakest.

    References
    ----------
    Lo 2016, table 4.2.
    """
    from matplotlib.patches import Rectangle

    pictures = np.asarray(images)[:SHOWN]
    shown = min(shown, sum(np.shape(numbers)[1] for numbers in scores.values()))
    tall = _aspect(pictures)
    row, name_width, gap = 0.5, 1.25, 0.16
    picture_width = (row - 0.04) / tall
    cell = (WIDTH - 2 * MARGIN - picture_width - name_width - 2 * gap) / (2 * shown)
    title = f"Strongest and weakest {noun}s, by the size of the class gradient of the {gradient_of(of)}"
    size = (WIDTH - 2 * MARGIN, row)
    sheet = Sheet(len(pictures), 1, size, _with_rest(title, len(titles)), gap=0.04, header=0.3)
    left_of = [picture_width + name_width + gap + i * cell + (gap if i >= shown else 0) for i in range(2 * shown)]
    sheet.header.text("strongest, first to last", left_of[0] + 0.05, 0.08, shown * cell, size=8, color=GREY)
    sheet.header.text("weakest, weakest first", left_of[shown] + 0.05, 0.08, shown * cell, size=8, color=GREY)
    for index, (panel, picture, name) in enumerate(zip(sheet.panels(), pictures, titles, strict=False)):
        mine = {layer: np.asarray(numbers)[index] for layer, numbers in scores.items()}
        order = rank_units(mine)
        strongest = float(mine[order[0].layer][order[0].unit])
        panel.image(picture, 0, 0.02, picture_width)
        panel.text(name, picture_width + 0.1, row / 2 - 0.08, name_width - 0.05, weight="bold")
        axes = panel.axes(0, 0, *size)
        axes.set(xlim=(0, size[0]), ylim=(0, size[1]))
        for left, unit in zip(
            left_of, [*order[:shown], *rank_units(mine, strongest_first=False)[:shown]], strict=False
        ):
            value = float(mine[unit.layer][unit.unit])
            room = cell - 0.06
            axes.add_patch(Rectangle((left, 0.06), room, row - 0.12, facecolor=BOARD, edgecolor="none", alpha=0.5))
            full = room * (value / strongest if strongest else 0.0)
            axes.add_patch(Rectangle((left, 0.06), full, 0.07, facecolor=BLUE, edgecolor="none"))
            taken = _text_width(number(value), 7.5, "normal")
            ending = f" · {unit.unit}"
            layer = short(unit.layer, room - taken - 0.13 - _text_width(ending, 7.5, "normal"), 7.5)
            axes.text(left + 0.05, row * 0.57, layer + ending, fontsize=7.5, va="center")
            axes.text(
                left + room - 0.05, row * 0.57, number(value), fontsize=7.5, va="center", ha="right", color="#444"
            )
    return sheet.figure


def knockout_curves(comparison: OrderComparison, of: str = "logit", noun: str = "filter") -> Figure:
    """Draw the errors as filters go: strongest first, weakest first, and in random orders.

    Parameters
    ----------
    comparison : OrderComparison
        As :func:`tinynet.explain.compare_orders` returns it.
    of : str
        What the gradients are of.
    noun : str
        What is knocked out: filters, or units.

    Notes
    -----
    Lines are means over the classes, bands hold the middle half of the classes (of the random orders, on the right).

    References
    ----------
    Lo 2016, figures 4.1 (class error) and 4.2 (error on all images).
    """
    figure = _figure(3.9)
    panels = zip(
        figure.subplots(1, 2, sharey=True), ("class_error", "error"), ("the class", "all classes"), strict=True
    )
    places = np.arange(len(comparison.counts))
    styles = (
        ("strongest first", comparison.strongest, VERMILLION, "o", "-"),
        ("random order", comparison.random, GREY, "", "--"),
        ("weakest first", comparison.weakest, BLUE, "s", "-"),
    )
    for axes, which, whose in panels:
        for name, errors, colour, marker, line in styles:
            rows = _rows(errors, which)
            low, high = np.quantile(rows, (0.25, 0.75), axis=0)
            axes.fill_between(places, low, high, color=colour, alpha=0.15, linewidth=0)
            axes.plot(places, rows.mean(axis=0), line, color=colour, marker=marker, markersize=3.5, label=name)
        axes.set(xlabel=f"{noun}s knocked out")
        axes.set_title(f"images of {whose} that are misread, %", fontsize=9)
        axes.set_ylim(-3, 103)
        ticks = places[:: ceil(len(places) / 9)]
        axes.set_xticks(ticks, [f"{taken:,}" for taken in comparison.counts[ticks]])
        _plain(axes)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    figure.suptitle(
        f"Without {noun}s, in the order of the size of the class gradient of the {gradient_of(of)}", fontsize=11
    )
    return figure


def characteristic_features(
    images: ArrayLike,
    maps: ArrayLike,
    features: Sequence[Feature],
    titles: Sequence[str],
    of: str = "logit",
    masks: ArrayLike | None = None,
    columns: int = 3,
) -> Figure:
    """Draw each class's most characteristic feature: its box on the image, and the gradients that it is the peak of.

    Parameters
    ----------
    images : array_like of shape (P, C, H, W)
        One of each class.
    maps : array_like of shape (P, h, w)
        The gradients of each feature's filter.
    features : sequence of Feature
        As :func:`tinynet.strongest_feature` returns them.
    titles : sequence of str
        The classes.
    of : str
        What the gradients are of.
    masks : array_like of shape (P, H, W), optional
        Where the planted feature of each image is; its outline is drawn dashed.
    columns : int
        Panels beside each other.

    References
    ----------
    Lo 2016, section 4.3.1 and figure 4.3.
    """
    title = f"Most characteristic feature: where the class gradient of the {gradient_of(of)} is highest"
    sheet, pairs = _pairs(images, maps, titles, title, columns, signed=True)
    planted = None if masks is None else np.asarray(masks)
    for index, ((image_axes, map_axes), (panel, note_width), feature) in enumerate(zip(*pairs, features, strict=False)):
        rows, across = feature.box
        _box(image_axes, across.start, rows.start, across.stop - across.start, rows.stop - rows.start)
        _mark(map_axes, feature.place, np.asarray(maps)[index].shape)
        if planted is not None and planted[index].any():
            image_axes.contour(planted[index], [0.5], colors=[SKY], linestyles="--", linewidths=1.1)
        where = "pixel" if feature.layer == "input" else f"{feature.layer} · {feature.unit}"
        note = f"{where}, {number(feature.value)}"
        panel.text(note, panel.width - 0.12, panel.height - 0.2, note_width, size=7.5, align="right", color=GREY)
    return sheet.figure


def saliency_maps(
    images: ArrayLike,
    maps: ArrayLike,
    titles: Sequence[str],
    of: str = "logit",
    columns: int = 3,
) -> Figure:
    """Draw images beside the size of the gradients with respect to their pixels.

    Parameters
    ----------
    images : array_like of shape (P, C, H, W)
    maps : array_like of shape (P, H, W)
        As :func:`tinynet.saliency` returns them.
    titles : sequence of str
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
    sheet, _ = _pairs(images, maps, titles, title, columns, signed=False)
    return sheet.figure


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
    order = np.argsort(np.asarray(labels), kind="stable")
    ends = np.searchsorted(np.asarray(labels)[order], np.arange(len(classes) + 1))
    figure = _figure(0.45 * WIDTH)
    panels = figure.subplots(1, len(tables), squeeze=False)[0]
    step = ceil(len(classes) / 15)
    for axes, (name, table) in zip(panels, tables.items(), strict=True):
        values = np.asarray(table)[np.ix_(order, order)]
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


def knockouts_by_class(
    comparison: OrderComparison, classes: Sequence[str], of: str = "logit", noun: str = "filter"
) -> Figure:
    """Draw the errors of a few classes one by one: without the strongest on the left, without the weakest on the right.

    Parameters
    ----------
    comparison : OrderComparison
        As :func:`tinynet.explain.orders.compare_orders` returns it.
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
    figure = _figure(5.6)
    grid = figure.subplots(2, 2, sharex=True, sharey=True)
    rows = (("class_error", "images of the class"), ("error", "all images"))
    columns = ((comparison.strongest, "strongest"), (comparison.weakest, "weakest"))
    for line, (which, whose) in zip(grid, rows, strict=True):
        for axes, (errors, what) in zip(line, columns, strict=True):
            curves = 100 * getattr(errors, which).mean(axis=0)
            for at, colour, marker in zip(shown, FEW, MARKERS, strict=False):
                name = short(classes[comparison.classes[at]], 1.4, 9)
                axes.plot(comparison.counts, curves[at], color=colour, marker=marker, markersize=3.5, label=name)
            axes.set_title(f"{whose} that are misread, %, {what} first", fontsize=9)
            axes.set_ylim(-3, 103)
            _plain(axes)
    for axes in grid[1]:
        axes.set_xlabel(f"{noun}s knocked out")
        axes.locator_params(axis="x", integer=True)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=5, frameon=False, fontsize=9)
    figure.suptitle(f"Five classes, {noun}s ranked by the class gradient of the {gradient_of(of)}", fontsize=11)
    return figure


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
    figure = _figure(1.5 + 0.34 * len(harms))
    axes = figure.subplots()
    places = np.arange(len(harms))[::-1]
    kinds = (("strongest first", VERMILLION, "o", 0.1), ("weakest first", BLUE, "s", -0.1))
    for at, (name, colour, marker, above) in enumerate(kinds):
        quartiles = 100 * np.array([np.quantile(np.asarray(pair[at]), (0.25, 0.5, 0.75)) for pair in harms.values()])
        axes.hlines(places + above, quartiles[:, 0], quartiles[:, 2], color=colour, linewidth=1.5, alpha=0.6)
        axes.plot(quartiles[:, 1], places + above, marker, color=colour, markersize=6, label=name)
    low, middle, high = 100 * np.quantile(np.asarray(chance), (0.25, 0.5, 0.75))
    axes.axvspan(low, high, color=GREY, alpha=0.12, linewidth=0)
    axes.axvline(middle, color=GREY, linestyle="--", label="random order")
    axes.set_yticks(places, [short(name, 2.6, 9) for name in harms])
    axes.set_ylim(-0.6, len(harms) - 0.4)
    axes.set_xlabel("area under the curve of the class error, % (more: fails sooner)")
    _plain(axes)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    figure.suptitle(title, fontsize=11)
    return figure


def flow_lines(taken_for: ArrayLike, classes: Sequence[str], highlighted: int, noun: str = "filter") -> Figure:
    """Draw what each class is taken for as units go: a line a class, at the height of its most frequent prediction.

    Parameters
    ----------
    taken_for : array_like of shape (S, K)
        The class that most images of each class are taken for after 0, 1, ... knock-outs, as
        :func:`tinynet.explain.misreadings` returns it; -1 where there is none.
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

    rows = np.ma.masked_less(np.asarray(taken_for), 0)
    count = len(classes)
    figure = _figure(min(1.4 + 0.27 * count, 9.0))
    axes = figure.subplots()
    steps = np.arange(len(rows))
    for label in range(count):
        own = label == highlighted
        away = 0.7 * ((label + 0.5) / count - 0.5)
        colour = VERMILLION if own else colormaps["cividis"](label / max(count - 1, 1))
        axes.plot(steps, rows[:, label] + away, color=colour, linewidth=2.6 if own else 1.1, zorder=3 if own else 2)
    step = ceil(count / 30)
    axes.set_yticks(range(0, count, step), [short(name, 1.2, 8) for name in classes[::step]], fontsize=8)
    axes.set(xlabel=f"strongest {noun}s of {short(classes[highlighted], 2)} knocked out", ylabel="most often taken for")
    axes.locator_params(axis="x", integer=True)
    axes.set_ylim(count - 0.4, -0.6)
    axes.margins(x=0.01)
    axes.grid(axis="x", alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title("What each class is taken for; a line starts at its own class", fontsize=11)
    return figure


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
    figure = _figure(min(1.5 + 0.22 * len(classes), 9.0))
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


def feature_sheet(
    image: ArrayLike,
    outputs: ArrayLike,
    gradients: ArrayLike,
    feature: Feature,
    title: str,
    other: ArrayLike | None = None,
    mask: ArrayLike | None = None,
) -> Figure:
    """Draw an image with its feature, the outputs of the layer that holds it, and their gradients below.

    Parameters
    ----------
    image : array_like of shape (C, H, W)
    outputs, gradients : array_like of shape (units, h, w)
        What the layer puts out for the image, and the gradient of the prediction with respect to it.
    feature : Feature
        The place of the highest gradient.
    title : str
        Of the figure; it should say which gradient of what.
    other : array_like of shape (C, H, W), optional
        An image of the class that the feature speaks for, if that is another one.
    mask : array_like of shape (H, W), optional
        Where the planted feature of the image is; its outline is drawn dashed.

    References
    ----------
    Lo 2016, figures 4.3 and 4.4.
    """
    pictures = [np.asarray(image)] + ([] if other is None else [np.asarray(other)])
    maps, slopes = np.asarray(outputs)[:MAPS_A_LINE], np.asarray(gradients)[:MAPS_A_LINE]
    label, picture = 0.85, 1.9
    size = min((WIDTH - 2 * MARGIN - label) / len(maps), 1.5)
    tall, across = picture * _aspect(pictures[0][None]), size - 0.06
    row = across * _aspect(maps)
    sheet = Sheet(1, 1, (WIDTH - 2 * MARGIN, tall + 2 * row + 0.4), title)
    (panel,) = sheet.panels()
    left = (panel.width - len(pictures) * picture - 0.2 * (len(pictures) - 1)) / 2
    for number_, each in enumerate(pictures):
        axes = panel.image(each, left + number_ * (picture + 0.2), 2 * row + 0.35, picture)
        if number_ == 0:
            rows, columns = feature.box
            _box(axes, columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start)
            if mask is not None and np.asarray(mask).any():
                axes.contour(np.asarray(mask), [0.5], colors=[SKY], linestyles="--", linewidths=1.1)
    for name, values, bottom in (("outputs", maps, row + 0.18), ("gradients", slopes, 0.0)):
        limit = float(np.abs(values).max()) or 1.0
        panel.text(name, 0, bottom + row - 0.2, label - 0.08)
        panel.text(f"up to {number(limit)}", 0, bottom + row - 0.36, label - 0.08, size=7, color=GREY)
        for unit, each in enumerate(values):
            axes = panel.pixels(each, label + unit * size, bottom, across, row, (-limit, limit))
            if unit == feature.unit:
                _mark(axes, feature.place, each.shape)
    return sheet.figure


def hit_rates(
    rates: ArrayLike, layers: Sequence[str], kinds: Sequence[str], ways: Sequence[str], controls: Any
) -> Figure:
    """Draw how often the highest place of a gradient falls on what is known to be planted, beside controls.

    Parameters
    ----------
    rates : array_like of shape (kinds, layers, ways)
        Shares of the images.
    layers, kinds, ways : sequence of str
        At which output the gradient is taken, of what, and how the maps are put together.
    controls : mapping of str to array_like of shape (layers,)
        Shares for maps that know nothing of the trained network.
    """
    values = 100 * np.asarray(rates)
    figure = _figure(1.9 + 0.36 * len(kinds))
    places = np.arange(len(kinds))[::-1]
    styles = (("--", GREY), (":", "black"), ("-.", ORANGE), ("-", SKY))
    panels = figure.subplots(1, len(layers), sharey=True, sharex=True, squeeze=False)[0]
    for at, (axes, layer) in enumerate(zip(panels, layers, strict=True)):
        for (name, shares), (line, colour) in zip(controls.items(), styles, strict=False):
            axes.axvline(100 * float(np.asarray(shares)[at]), linestyle=line, color=colour, linewidth=1.3, label=name)
        for way, colour, marker in zip(range(len(ways)), FEW, MARKERS, strict=False):
            shift = 0.16 * ((len(ways) - 1) / 2 - way)
            axes.plot(values[:, at, way], places + shift, marker, color=colour, markersize=5, label=ways[way])
        axes.set_title(short(layer, 1.6, 9), fontsize=9)
        axes.set(xlabel="images, %", ylim=(-0.6, len(kinds) - 0.4))
        _plain(axes)
    panels[0].set_yticks(places, [short(kind, 1.7, 9) for kind in kinds])
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False, fontsize=8)
    figure.suptitle("Images whose highest gradient lies on the planted feature", fontsize=11)
    return figure


# --------------------------------------------------------------------------------------------------- images changed


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
    pictures, values = np.asarray(images), np.asarray(outputs)
    label = 1.3
    size = (WIDTH - 2 * MARGIN - label) / pictures.shape[1] - 0.06
    tall = size * _aspect(pictures)
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


def adversarial_curves(found: Attack, classes: Sequence[str], of: str = "logit") -> Figure:
    """Draw how often images reach the class that they are moved towards, and how often they are misread at all.

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

    figure = _figure(3.9)
    success, error = 100 * found.success(), 100 * found.error()
    order = np.argsort(np.nan_to_num(success.mean(axis=0)), kind="stable")
    names = {int(order[-1]): "easiest target", int(order[0]): "hardest target"}
    steps = found.steps
    panels = zip(figure.subplots(1, 2, sharey=True), (success, error), ("hit their target", "are misread"), strict=True)
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
        _plain(axes)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    figure.suptitle(f"Images moved along the prediction gradient of the {gradient_of(of)}", fontsize=11)
    return figure


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
    figure = _figure(3.9)
    left, right = figure.subplots(1, 2)
    panels = ((left, errors, "test images that are misread, %"), (right, costs, "% of the whole network"))
    for axes, curves, what in panels:
        for (name, values), colour, marker in zip(curves.items(), FEW, MARKERS, strict=False):
            rows = 100 * np.asarray(values)
            axes.fill_between(counts, *np.quantile(rows, (0.25, 0.75), axis=0), color=colour, alpha=0.15, linewidth=0)
            axes.plot(counts, np.median(rows, axis=0), color=colour, marker=marker, markersize=4, label=name)
        axes.set_title(what, fontsize=9)
        axes.set_xlabel(f"{noun}s removed")
        axes.set_ylim(0, None)
        axes.legend(frameon=False, fontsize=8)
        _plain(axes)
    figure.suptitle(f"The network with {noun}s physically removed", fontsize=11)
    return figure


# --------------------------------------------------------------------------------------------------------- the basics


def activation_functions(layers: Mapping[str, Layer]) -> Figure:
    """Draw activation functions: what comes out for each net input.

    Parameters
    ----------
    layers : mapping of str to Layer
        By the name to write above each.

    References
    ----------
    Lo 2016, figure 2.2.
    """
    figure = _figure(2.5)
    z = np.linspace(-4, 4, 801)
    for axes, (name, layer) in zip(figure.subplots(1, len(layers), squeeze=False)[0], layers.items(), strict=True):
        axes.plot(z, layer.forward(z[:, None])[:, 0], color=BLUE, linewidth=2)
        axes.axhline(0, color=GREY, linewidth=0.6)
        axes.axvline(0, color=GREY, linewidth=0.6)
        axes.set_xlabel("net input z")
        axes.set_title(short(name, 1.7, 9), fontsize=9)
        _plain(axes)
    figure.suptitle("What a unit puts out", fontsize=11)
    return figure


def planes(net: Network, points: ArrayLike, labels: ArrayLike, title: str) -> Figure:
    """Draw the plane of the inputs and what each layer makes of it, as far as layers have two outputs.

    Parameters
    ----------
    net : Network
        Of two inputs and a single output at the end.
    points : array_like of shape (N, 2)
    labels : array_like of shape (N,)
        0 or 1: hollow and filled points.
    title : str
        Of the figure.

    Notes
    -----
    Shaded is where the rest of the network answers 1. The squares of a grid show how a layer bends and folds the plane.

    References
    ----------
    Lo 2016, figures 2.3 and 2.4.
    """
    corners, wanted = np.asarray(points, float), np.asarray(labels)
    low, high = corners.min(axis=0) - 0.5, corners.max(axis=0) + 0.5
    ticks = [np.linspace(low[axis], high[axis], 9) for axis in (0, 1)]
    fine = [np.linspace(low[axis], high[axis], 161) for axis in (0, 1)]
    lines = [np.stack(np.broadcast_arrays(x, fine[1]), -1) for x in ticks[0]]
    lines += [np.stack(np.broadcast_arrays(fine[0], y), -1) for y in ticks[1]]
    shown = [name for name, shape in net.shapes.items() if shape == (2,)]
    figure = _figure(3.4)
    for axes, name in zip(figure.subplots(1, len(shown), squeeze=False)[0], shown, strict=True):
        places = net.trace(corners)[name]
        seen = np.concatenate([places, *(net.trace(line)[name] for line in lines)])
        start, end = seen.min(axis=0) - 0.25, seen.max(axis=0) + 0.25
        x, y = np.meshgrid(np.linspace(start[0], end[0], 201), np.linspace(start[1], end[1], 201))
        answer = net.resume(np.stack([x, y], -1).astype(net.dtype), name)[..., 0]
        axes.contourf(x, y, answer, [0.5, np.inf], colors=[SKY], alpha=0.3)
        for line in lines:
            axes.plot(*net.trace(line)[name].T, color=GREY, linewidth=0.5, alpha=0.6)
        for label, face in ((0, "white"), (1, "black")):
            axes.scatter(*places[wanted == label].T, s=60, facecolor=face, edgecolor="black", zorder=3)
        axes.set(xlim=(start[0], end[0]), ylim=(start[1], end[1]))
        axes.set_title("inputs" if name == "input" else f"behind {short(name, 1.5, 9)}", fontsize=9)
        axes.set_aspect("equal")
    figure.suptitle(title, fontsize=11)
    return figure


def filter_sheet(image: ArrayLike, filters: Mapping[str, ArrayLike], outputs: ArrayLike) -> Figure:
    """Draw what filters set by hand make of an image, with their numbers below.

    Parameters
    ----------
    image : array_like of shape (C, H, W)
    filters : mapping of str to array_like of shape (h, w)
        By name.
    outputs : array_like of shape (F, h, w)
        What each filter makes of the image.

    References
    ----------
    Lo 2016, figures 2.5 and 2.6.
    """
    maps, columns = np.asarray(outputs), 4
    size = (WIDTH - MARGIN) / columns - MARGIN
    tall = size * _aspect(maps)
    text = 0.2 * max(np.shape(values)[0] for values in filters.values())
    sheet = Sheet(
        len(filters) + 1, columns, (size, tall + text + 0.36), "What filters of a few weights make of an image"
    )
    panels = list(sheet.panels())
    panels[0].text("the image", 0, text + tall + 0.12, size, weight="bold")
    panels[0].image(np.asarray(image), 0, text + 0.08, size)
    for panel, (name, values), output in zip(panels[1:], filters.items(), maps, strict=True):
        weights = np.asarray(values)
        limits = (float(output.min()), float(output.max()) or 1.0)
        panel.text(name, 0, text + tall + 0.12, size, weight="bold")
        panel.pixels(output, 0, text + 0.08, size, tall, limits)
        for row, line in enumerate(weights):
            for column, value in enumerate(line):
                words = f"{value:g}" if float(value).is_integer() else f"{value:.2f}"
                right = size * (column + 1) / len(line) - 0.15
                panel.text(words, right, text - 0.2 * (row + 1), size / len(line), size=8, align="right")
    return sheet.figure


# --------------------------------------------------------------------------------------------------- words, numbers


def number(value: float) -> str:
    """Return a number to three digits, or to two where it is very small or large.

    Parameters
    ----------
    value : float
    """
    if value and not 1e-2 <= abs(value) < 1e3:
        digits, exponent = f"{value:.1e}".split("e")
        return f"{digits}e{int(exponent)}"
    return f"{value:#.3g}".removesuffix(".") if value else "0"


@lru_cache(maxsize=4096)
def short(text: str, width: float, size: float = 9, weight: str = "normal") -> str:
    """Return a text as matplotlib can draw it within some room: shortened, and without what it has no picture of.

    Parameters
    ----------
    text : str
        Such as the name of a class.
    width : float
        The room, in inches.
    size : float
        Of the letters, in points.
    weight : str
        Of the letters.
    """
    known = _known_letters()
    drawable = "".join(letter if ord(letter) in known else "?" for letter in " ".join(text.split()))
    if _text_width(drawable, size, weight) <= width:
        return _literal(drawable)
    cuts = range(1, len(drawable) + 1)
    end = bisect_left(cuts, True, key=lambda end: _text_width(drawable[:end].rstrip() + "…", size, weight) > width)
    return _literal(drawable[:end].rstrip() + "…")


def _literal(text: str) -> str:
    """Return the text so that dollar signs do not start a formula."""
    return text.replace("$", r"\$")


@lru_cache(maxsize=1)
def _known_letters() -> frozenset[int]:
    from matplotlib.font_manager import findfont, get_font

    return frozenset(get_font(findfont(FONT)).get_charmap())


def _text_width(text: str, size: float, weight: str) -> float:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    if not text.strip():
        return 0.0
    path = TextPath((0, 0), _literal(text), size=size, prop=FontProperties(family=FONT, weight=weight))
    return float(path.get_extents().x1) / 72


def count_of(how_many: int, what: str) -> str:
    """Return a number of things in words, such as "1 class" and "1,000 classes".

    Parameters
    ----------
    how_many : int
    what : str
        One of them.
    """
    plural = what + ("es" if what.endswith("s") else "s")
    return f"{how_many:,} {what if how_many == 1 else plural}"


def _with_rest(title: str, count: int) -> str:
    return title if count <= SHOWN else f"{title} (the first {SHOWN} of {count})"


# ----------------------------------------------------------------------------------------------------------- drawing


class Panel:
    """A part of a sheet, in which things are placed in inches from its lower left corner.

    Parameters
    ----------
    figure : Figure
    left, bottom, width, height : float
        In inches.
    """

    def __init__(self, figure: Figure, left: float, bottom: float, width: float, height: float) -> None:
        self.figure = figure
        self.left, self.bottom, self.width, self.height = left, bottom, width, height

    def axes(self, left: float, bottom: float, width: float, height: float) -> Axes:
        """Return new axes without frame.

        Parameters
        ----------
        left, bottom, width, height : float
            In inches, within the panel.
        """
        across, up = self.figure.get_size_inches()
        place = ((self.left + left) / across, (self.bottom + bottom) / up, width / across, height / up)
        axes = self.figure.add_axes(place)
        axes.set_axis_off()
        return axes

    def image(self, picture: Array, left: float, bottom: float, width: float) -> Axes:
        """Draw a grey or RGB image, and return its axes.

        Parameters
        ----------
        picture : ndarray of shape (C, H, W)
        left, bottom, width : float
            In inches; the height follows from the image.
        """
        return self.pixels(_as_drawn(picture), left, bottom, width, width * _aspect(picture))

    def pixels(
        self,
        picture: Array,
        left: float,
        bottom: float,
        width: float,
        height: float,
        limits: tuple[float, float] = (0.0, 1.0),
        colours: str = "gray",
    ) -> Axes:
        """Draw an array as large as fits, and return its axes.

        Parameters
        ----------
        picture : ndarray of shape (H, W) or (H, W, 3)
        left, bottom, width, height : float
            Where, in inches.
        limits : pair of float
            The values that are black and white, or the ends of other colours.
        colours : str
            The name of a colour map.
        """
        axes = self.axes(left, bottom, width, height)
        axes.imshow(picture, cmap=colours, vmin=limits[0], vmax=limits[1], interpolation="nearest")
        return axes

    def text(
        self,
        text: str,
        left: float,
        bottom: float,
        width: float,
        size: float = 9,
        weight: str = "normal",
        align: str = "left",
        color: str = "black",
    ) -> None:
        """Write a text, shortened to the room that it has.

        Parameters
        ----------
        text : str
        left, bottom : float
            Where it begins (or ends, if aligned to the right), in inches.
        width : float
            The room, in inches.
        size, weight, align, color
            As matplotlib takes them.
        """
        across, up = self.figure.get_size_inches()
        words = short(text, width, size, weight)
        place = ((self.left + left) / across, (self.bottom + bottom + 0.04) / up)
        self.figure.text(*place, words, fontsize=size, fontweight=weight, ha=align, va="baseline", color=color)


class Sheet:
    """A figure of equal panels under a title, laid out in inches so that nothing overlaps.

    Parameters
    ----------
    count, columns : int
        Panels, and how many of them beside each other.
    size : pair of float
        Width and height of a panel.
    title : str
        Of the figure.
    gap : float
        Between rows.
    header : float
        Height of a strip between title and panels.
    """

    def __init__(
        self,
        count: int,
        columns: int,
        size: tuple[float, float],
        title: str,
        gap: float = MARGIN,
        header: float = 0.0,
    ) -> None:
        from matplotlib.figure import Figure

        self.count, self.columns, self.size, self.gap = count, columns, size, gap
        self.rows = max(ceil(count / columns), 1)
        body = self.rows * (size[1] + gap) - gap
        head = (TITLE if title else 0.0) + header
        self.figure = Figure(figsize=(WIDTH, body + head + 2 * MARGIN))
        self.top = MARGIN + body
        self.header = Panel(self.figure, MARGIN, self.top, WIDTH - 2 * MARGIN, header)
        if title:
            Panel(self.figure, MARGIN, self.top + header, WIDTH - 2 * MARGIN, TITLE).text(
                title, (WIDTH - 2 * MARGIN) / 2, 0.1, WIDTH - 2 * MARGIN, size=11, align="center"
            )

    def panels(self) -> Iterator[Panel]:
        """Yield the panels, row by row from the top left."""
        for index in range(self.count):
            row, column = divmod(index, self.columns)
            left = MARGIN + column * (WIDTH - MARGIN) / self.columns
            yield Panel(self.figure, left, self.top - (row + 1) * self.size[1] - row * self.gap, *self.size)


def _pairs(
    images: ArrayLike, maps: ArrayLike, titles: Sequence[str], title: str, columns: int, signed: bool
) -> tuple[Sheet, tuple[list[tuple[Axes, Axes]], list[tuple[Panel, float]]]]:
    """Draw images with a map beside each; return the axes and the panels, with the room for a note in them."""
    pictures, gradients = np.asarray(images)[:SHOWN], np.asarray(maps)[:SHOWN]
    width = (WIDTH - MARGIN) / columns - MARGIN
    side = (width - 0.2) / 2
    tall = side * _aspect(pictures)
    sheet = Sheet(len(pictures), columns, (width, tall + 0.28), _with_rest(title, len(titles)))
    axes, notes = [], []
    for panel, picture, gradient, name in zip(sheet.panels(), pictures, gradients, titles, strict=False):
        limit = float(np.abs(gradient).max()) or 1.0
        panel.text(name, 0, panel.height - 0.2, side, weight="bold")
        limits, colours = ((-limit, limit), "gray") if signed else ((0.0, limit), "cividis")
        map_axes = panel.pixels(gradient, side + 0.08, 0, side, tall, limits, colours)
        axes.append((panel.image(picture, 0, 0, side), map_axes))
        notes.append((panel, side))
    return sheet, (axes, notes)


def _box(axes: Axes, left: float, top: float, width: float, height: float) -> None:
    """Draw a box around pixels, light within dark so that it stands out on any ground."""
    from matplotlib.patches import Rectangle

    limits = axes.get_xlim(), axes.get_ylim()
    for colour, line in (("black", 2.6), (ORANGE, 1.3)):
        corner = (left - 0.5, top - 0.5)
        axes.add_patch(Rectangle(corner, width, height, fill=False, edgecolor=colour, linewidth=line, clip_on=False))
    axes.set(xlim=limits[0], ylim=limits[1])


def _mark(axes: Axes, place: tuple[int, int], shape: tuple[int, ...]) -> None:
    """Draw a box around a place of a map and a few of its neighbours."""
    reach = min(shape) // 24
    top, left = (max(at - reach, 0) for at in place)
    bottom, right = (min(at + reach + 1, length) for at, length in zip(place, shape, strict=True))
    _box(axes, left, top, right - left, bottom - top)


def _figure(height: float, width: float = WIDTH) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def _plain(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)


def _rows(errors: OrderErrors, which: str) -> Array:
    """Return the curves in per cent, one row for each order and class."""
    values = np.asarray(getattr(errors, which))
    return 100 * values.reshape(-1, values.shape[-1])


def _strongest(values: Mapping[str, Array], panel: int) -> tuple[Unit, float]:
    unit = rank_units({name: numbers[panel] for name, numbers in values.items()})[0]
    return unit, float(values[unit.layer][panel, unit.unit])


def _aspect(pictures: Array) -> float:
    """Return height over width of images, at most 1.5: taller ones are drawn narrower than their place."""
    return min(float(pictures.shape[-2] / pictures.shape[-1]), 1.5)


def _as_drawn(picture: Array) -> Array:
    """Return an image as matplotlib takes it, 0 to 1: (H, W) for grey, (H, W, 3) for RGB."""
    low, high = min(float(picture.min()), 0.0), max(float(picture.max()), 1.0)
    scaled = (picture - low) / (high - low)
    return np.moveaxis(scaled, 0, -1) if len(picture) == 3 else scaled.mean(axis=0)


def _montage(maps: Array, per_line: int) -> Array:
    """Return maps, or single values, in lines of squares with gaps of NaN around them."""
    squares = maps.reshape(len(maps), *(maps.shape[1:] or (1, 1)))
    if squares.shape[1:] == (1, 1):
        squares = squares.repeat(12, axis=1).repeat(12, axis=2)
    side = max(squares.shape[1:])
    gap = max(side // 12, 1)
    sheet = np.full((ceil(len(maps) / per_line) * (side + gap) + gap, per_line * (side + gap) + gap), np.nan)
    for index, square in enumerate(squares):
        line, column = divmod(index, per_line)
        top, left = line * (side + gap) + gap, column * (side + gap) + gap
        sheet[top : top + square.shape[0], left : left + square.shape[1]] = square
    return sheet


def _side_by_side(pictures: Array) -> Array:
    """Return one picture of several, with a little white on the right of each."""
    drawn = [_as_drawn(picture) for picture in pictures]
    gap = ceil(drawn[0].shape[1] / 24)
    return np.hstack([np.pad(d, [(0, 0), (0, gap)] + [(0, 0)] * (d.ndim - 2), constant_values=1) for d in drawn])
