"""The places of images that matter most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import finite_array, real_array, truth_array
from tinynet.explain.metrics.pointing import dilated
from tinynet.explain.units.characteristic import Feature
from tinynet.plots.canvas import MAPS_A_LINE, MARGIN, WIDTH, Sheet, new_figure, plain_axes
from tinynet.plots.colours import FEW, GREY, MARKERS, ORANGE, SKY
from tinynet.plots.overlays import draw_box, image_pairs, mark_place
from tinynet.plots.pictures import aspect
from tinynet.plots.words import gradient_of, number, short
from tinynet.signatures import checked
from tinynet.types import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NARROW = 5.4  # inches, of a figure that stands beside words
MOST_AT_A_GLANCE = 6


@checked
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
    where = ["pixel" if each.layer == "input" else f"{each.layer} · {each.unit}" for each in features]
    notes = [f"{place}, {number(each.value)}" for place, each in zip(where, features, strict=True)]
    planted = None if masks is None else truth_array("masks", masks, (len(features), "H", "W"))
    if planted is not None:
        notes = [f"{_sign(each, mask)}, {note}" for each, mask, note in zip(features, planted, notes, strict=True)]
    figure, pairs = image_pairs(images, maps, titles, title, columns, signed=True, notes=notes)
    for index, ((image_axes, map_axes), feature) in enumerate(zip(pairs, features, strict=False)):
        _draw_feature(image_axes, feature, None if planted is None else planted[index])
        mark_place(map_axes, feature.place, np.asarray(maps)[index].shape)
    return figure


@checked
def feature_boxes(
    images: ArrayLike, features: Sequence[Feature], titles: Sequence[str], masks: ArrayLike | None = None
) -> Figure:
    """Draw each class's image with a box around its most characteristic feature, small enough for a first look.

    Parameters
    ----------
    images : array_like of shape (P, C, H, W)
        One of each class.
    features : sequence of Feature
        As :func:`tinynet.strongest_feature` returns them.
    titles : sequence of str
        The classes.
    masks : array_like of shape (P, H, W), optional
        Where the planted feature of each image is; a dashed outline is drawn around it, and below the image stands
        whether the box touches it: a hit or a miss.
    """
    given = finite_array("images", images, shape=("P", "C", "H", "W"))
    planted = None if masks is None else truth_array("masks", masks, (len(given), *given.shape[2:]))
    pictures = given[:MOST_AT_A_GLANCE]
    columns = min(len(pictures), 3)
    side = min((NARROW - MARGIN) / columns - MARGIN, 1.8)
    sheet = Sheet(len(pictures), columns, (side, side * aspect(pictures) + 0.24), "", width=NARROW)
    for index, (panel, feature, name) in enumerate(zip(sheet.panels(), features, titles, strict=False)):
        axes = panel.image(pictures[index], 0, 0.24, side)
        _draw_feature(axes, feature, None if planted is None else planted[index])
        sign = "" if planted is None else _sign(feature, planted[index])
        panel.text(name, 0, 0, side - 0.6 * bool(sign), size=10)
        panel.text(sign, side, 0, 0.6, size=10, weight="bold", align="right")
    return sheet.figure


def _draw_feature(axes: Axes, feature: Feature, mask: Array | None) -> None:
    """Draw the box of a feature, and the outline of what was planted."""
    rows, columns = feature.box
    draw_box(axes, columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start)
    if mask is not None and mask.any():  # outlined a pixel further out, so that nothing of it is hidden
        axes.contour(dilated(mask, 1), [0.5], colors=[SKY], linestyles="--", linewidths=1.3)


def _sign(feature: Feature, mask: Array) -> str:
    """Return whether a box touches what was planted."""
    return "✓ hit" if feature.touches(mask) else "✗ miss"


@checked
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
        The image that the feature belongs to.
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
    shown = {"image": image} if other is None else {"image": image, "other": other}
    pictures = [finite_array(what, picture, shape=("C", "H", "W")) for what, picture in shown.items()]
    maps = finite_array("outputs", outputs, shape=("units", "h", "w"))[:MAPS_A_LINE]
    slopes = finite_array("gradients", gradients, shape=("units", "h", "w"))[:MAPS_A_LINE]
    label, picture = 0.85, 1.9
    size = min((WIDTH - 2 * MARGIN - label) / len(maps), 1.5)
    tall, across = picture * aspect(pictures[0][None]), size - 0.06
    row = across * aspect(maps)
    sheet = Sheet(1, 1, (WIDTH - 2 * MARGIN, tall + 2 * row + 0.4), title)
    (panel,) = sheet.panels()
    left = (panel.width - len(pictures) * picture - 0.2 * (len(pictures) - 1)) / 2
    for number_, each in enumerate(pictures):
        axes = panel.image(each, left + number_ * (picture + 0.2), 2 * row + 0.35, picture)
        if number_ == 0:
            _draw_feature(axes, feature, None if mask is None else truth_array("mask", mask, each.shape[1:]))
    for name, values, bottom in (("outputs", maps, row + 0.18), ("gradients", slopes, 0.0)):
        limit = float(np.abs(values).max()) or 1.0
        panel.text(name, 0, bottom + row - 0.2, label - 0.08)
        panel.text(f"up to {number(limit)}", 0, bottom + row - 0.36, label - 0.08, size=7, color=GREY)
        for unit, each in enumerate(values):
            axes = panel.pixels(each, label + unit * size, bottom, across, row, (-limit, limit))
            if unit == feature.unit:
                mark_place(axes, feature.place, each.shape)
    return sheet.figure


@checked
def hit_rates(
    rates: ArrayLike,
    layers: Sequence[str],
    kinds: Sequence[str],
    ways: Sequence[str],
    controls: Mapping[str, ArrayLike],
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
    values = 100 * real_array("rates", rates, (len(kinds), len(layers), len(ways)))
    figure = new_figure(1.9 + 0.36 * len(kinds))
    places = np.arange(len(kinds))[::-1]
    styles = (("--", GREY), (":", "black"), ("-.", ORANGE), ("-", SKY))
    panels = figure.subplots(1, len(layers), sharey=True, sharex=True, squeeze=False)[0]
    for at, (axes, layer) in enumerate(zip(panels, layers, strict=True)):
        for (name, shares), (line, colour) in zip(controls.items(), styles, strict=False):
            axes.axvline(
                100 * float(real_array(f"controls[{name!r}]", shares, (len(layers),))[at]),
                linestyle=line,
                color=colour,
                linewidth=1.3,
                label=name,
            )
        for way, colour, marker in zip(range(len(ways)), FEW, MARKERS, strict=False):
            shift = 0.16 * ((len(ways) - 1) / 2 - way)
            axes.plot(values[:, at, way], places + shift, marker, color=colour, markersize=5, label=ways[way])
        axes.set_title(short(layer, 1.6, 9), fontsize=9)
        axes.set(xlabel="images, %", ylim=(-0.6, len(kinds) - 0.4))
        plain_axes(axes)
    panels[0].set_yticks(places, [short(kind, 1.7, 9) for kind in kinds])
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False, fontsize=8)
    figure.suptitle("Images whose highest gradient lies on the planted feature", fontsize=11)
    return figure
