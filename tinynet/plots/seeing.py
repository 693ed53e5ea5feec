"""What filters see: pictures of units in rows, a layer's maps on one scale, and pictures on the way as an animation."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping, Sequence
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from tinynet.network import Network, UnknownLayerError
from tinynet.plots.canvas import MARGIN, MOST_MAPS, WIDTH, Sheet
from tinynet.plots.colours import GREY
from tinynet.plots.pictures import aspect, montage
from tinynet.plots.words import number
from tinynet.signatures import checked
from tinynet.types import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure

UNITS_A_ROW = 10


@checked
def picture_rows(
    rows: Mapping[str, ArrayLike],
    names: Sequence[str],
    title: str,
    signed: Collection[str] = (),
    notes: Mapping[str, Sequence[str]] | None = None,
) -> Figure:
    """Draw several kinds of pictures of the same units below each other: a unit a column, a kind a row.

    Parameters
    ----------
    rows : mapping of str to array_like of shape (units, C, H, W), or (units, K, C, H, W) for several pictures of each
        By what stands in front of the row; what follows a line break stands below it, smaller.
    names : sequence of str
        What stands above each column.
    title : str
        Of the figure.
    signed : collection of str
        Rows in which zero is mid-grey and each unit has a scale of its own, averaged over channels. The others are
        images, 0 (black) to 1 (white), or beyond if their pixels are.
    notes : mapping of str to sequence of str, optional
        What stands below each picture of a row.
    """
    sheets = {name: [_tiled(np.asarray(each)) for each in np.asarray(row)[:UNITS_A_ROW]] for name, row in rows.items()}
    label, note = 1.45, 0.2 if notes else 0.0
    columns = max(map(len, sheets.values()))
    size = (WIDTH - 2 * MARGIN - label) / max(columns, 4)
    tall = max((size - 0.06) * aspect(each) for row in sheets.values() for each in row[:1])
    sheet = Sheet(len(sheets), 1, (WIDTH - 2 * MARGIN, tall + note), title, gap=0.06, header=0.26)
    for column, name in enumerate(names[:columns]):
        sheet.header.text(name, label + (column + 0.5) * size - 0.03, 0.03, size - 0.08, align="center", weight="bold")
    for panel, (name, pictures) in zip(sheet.panels(), sheets.items(), strict=True):
        first, _, second = name.partition("\n")
        panel.text(first, 0, note + tall / 2, label - 0.1)
        panel.text(second, 0, note + tall / 2 - 0.18, label - 0.1, size=7.5, color=GREY)
        known = [each[np.isfinite(each)] for each in pictures]
        low, high = (min(0.0, *(each.min() for each in known)), max(1.0, *(each.max() for each in known)))
        for column, picture in enumerate(pictures):
            limit = float(np.nanmax(np.abs(picture))) or 1.0
            is_signed, left = name in signed, label + column * size
            grey = picture.mean(axis=0)
            if is_signed or len(picture) != 3:
                limits = (-limit, limit) if is_signed else (low, high)
                panel.pixels(grey, left, note, size - 0.06, tall, limits)
            else:
                panel.pixels(np.nan_to_num(np.moveaxis((picture - low) / (high - low), 0, -1), nan=1.0), left, note,
                             size - 0.06, tall)  # fmt: skip
        for column, text in enumerate((notes or {}).get(name, ())[:columns]):
            middle = label + (column + 0.5) * size - 0.03
            panel.text(text, middle, 0.01, size - 0.06, size=7, align="center", color=GREY)
    return sheet.figure


@checked
def map_sheet(net: Network, image: ArrayLike, layer: str, title: str | None = None) -> Figure:
    """Draw all maps of a layer for an image, on one scale, beside the image.

    Parameters
    ----------
    net : Network
    image : array_like of shape (C, H, W)
    layer : str
        Any layer; units that see the whole image are drawn as squares.
    title : str, optional
        Of the figure.

    References
    ----------
    Gulati et al. 2017, section 0.1.5.
    """
    if layer not in net.names:
        raise UnknownLayerError(layer, net.names)
    picture = np.asarray(image)
    maps = net.trace(picture)[layer]
    shown = min(len(maps), MOST_MAPS)
    across = min(shown, 8)
    left, side = 2.1, (WIDTH - 2 * MARGIN - 2.1) / 8
    tall = max(side * ceil(shown / across) * (aspect(maps) if maps.ndim == 3 else 1), 1.9 * aspect(picture))
    heading = f"Output of {layer} for one image, {shown} of {len(maps)} units" if title is None else title
    sheet = Sheet(1, 1, (WIDTH - 2 * MARGIN, tall + 0.24), heading)
    (panel,) = sheet.panels()
    limit = float(np.abs(maps).max()) or 1.0
    panel.image(picture, 0, tall + 0.24 - 1.9 * aspect(picture), 1.9)
    axes = panel.pixels(montage(maps[:MOST_MAPS], across), left, 0.24, side * across, tall, (-limit, limit))
    axes.set_anchor("NW")
    panel.text(f"one scale for all: black is -{number(limit)}, grey 0, white {number(limit)}", left, 0, 6, size=8)
    return sheet.figure


@checked
def animated_gif(frames: ArrayLike, *, scale: int = 8, milliseconds: int = 80) -> bytes:
    """Return pictures as an animated GIF, which the caller writes to a file.

    Parameters
    ----------
    frames : array_like of shape (F, C, H, W), or (F, P, C, H, W) for several pictures side by side
        0 (black) to 1 (white); what is beyond is cut off.
    scale : int
        How many pixels wide and high a pixel is drawn.
    milliseconds : int
        How long a frame is seen.
    """
    from PIL import Image

    pictures = np.asarray(frames, np.float64)
    if pictures.ndim == 5:
        pictures = np.concatenate(list(np.moveaxis(pictures, 1, 0)), axis=-1)
    if pictures.ndim != 4 or not len(pictures) or pictures.shape[1] not in (1, 3) or not np.isfinite(pictures).all():
        raise ValueError(f"frames have shape {pictures.shape}, expected (F, 1 or 3, H, W), finite, at least one")
    levels = np.rint(255 * np.clip(pictures, 0, 1)).astype(np.uint8)
    large = levels.repeat(scale, axis=-2).repeat(scale, axis=-1)
    images = [Image.fromarray(np.moveaxis(each, 0, -1).squeeze()) for each in large]
    memory = io.BytesIO()
    images[0].save(memory, "GIF", save_all=True, append_images=images[1:], duration=milliseconds, loop=0)
    return memory.getvalue()


def _tiled(pictures: Array) -> Array:
    """Return one picture of several, in a square with gaps of NaN between them; a single one as it is."""
    if pictures.ndim == 3:
        return pictures
    per_line = ceil(len(pictures) ** 0.5)
    return np.stack([montage(channel, per_line) for channel in np.moveaxis(pictures, 1, 0)])
