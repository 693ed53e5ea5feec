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

from tinynet.explain.features import Feature
from tinynet.explain.filters import Unit, rank_units
from tinynet.explain.orders import OrderComparison, OrderErrors
from tinynet.explain.units import ranked_outputs
from tinynet.network import Network
from tinynet.training import History

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tinynet.datasets import Dataset

Array = NDArray[Any]

WIDTH = 9.0  # inches, of a figure
SHOWN = 15  # classes that a figure with one panel a class shows at most
MARGIN = 0.12
TITLE = 0.34
FONT = "DejaVu Sans"
DARK, BOARD = "#2b3038", "#dbe3ec"
BLUE, ORANGE, VERMILLION, SKY, GREY = "#0072B2", "#E69F00", "#D55E00", "#56B4E9", "#6b7280"
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
    """Draw what each filter, or each hidden unit, puts out for one image; one row a layer.

    Parameters
    ----------
    net : Network
    image : array_like of shape (C, H, W)
    title : str
        Of the figure.
    """
    from matplotlib.patches import Rectangle

    picture = np.asarray(image)
    trace = net.trace(picture[None])
    outputs = {name: trace[name][0] for name in ranked_outputs(net)}
    per_line, most, picture_width, label = 10, 40, 1.5, 0.8
    left = picture_width + 0.15 + label
    room = WIDTH - 2 * MARGIN - left
    lines = {name: ceil(min(len(maps), most) / per_line) for name, maps in outputs.items()}
    picture_height = picture_width * _aspect(picture[None])
    size = room / per_line
    height = max(sum(lines.values()) * size + 0.1 * (len(lines) - 1), picture_height)
    sheet = Sheet(1, 1, (WIDTH - 2 * MARGIN, height), title)
    (panel,) = sheet.panels()
    panel.image(picture, 0, height - picture_height, picture_width)
    bottom = height
    for name, maps in outputs.items():
        limit = float(np.abs(maps).max()) or 1.0
        note = f"{most} of {len(maps)}" if len(maps) > most else f"up to {number(limit)}"
        panel.text(name, picture_width + 0.15, bottom - 0.2, label - 0.1)
        panel.text(note, picture_width + 0.15, bottom - 0.36, label - 0.1, size=7, color=GREY)
        wide, tall = min(len(maps), per_line) * size, lines[name] * size
        montage = _montage(maps[:most], min(len(maps), per_line))
        axes = panel.pixels(montage, left, bottom - tall, wide, tall, (-limit, limit))
        axes.set_anchor("NW")
        axes.add_patch(Rectangle((0, 0), 1, 1, transform=axes.transAxes, facecolor=BOARD, edgecolor="none", zorder=-1))
        bottom -= tall + 0.1
    return sheet.figure


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
