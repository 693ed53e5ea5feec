"""What filters see: pictures of units in rows, a layer's maps on one scale, and pictures on the way as an animation."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping, Sequence
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import finite_array, real_array, whole_number, wrong
from tinynet.network import Network, UnknownLayerError
from tinynet.plots.canvas import MARGIN, MOST_MAPS, WIDTH, Panel, Sheet, with_rest
from tinynet.plots.colours import BOARD, GREY
from tinynet.plots.pictures import aspect, montage
from tinynet.plots.words import in_lines, number
from tinynet.signatures import checked
from tinynet.types import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure

UNITS_A_BAND = 10
WIDE, LONGEST = 400, 655_350  # pixels of an animation, and milliseconds of a frame: what a GIF can say
LABEL, HEAD, GAP = 1.45, 0.26, 0.06  # inches: what stands before a row and above a band, and between pictures
LINE = 0.18  # inches, of a label


@checked
def picture_rows(
    rows: Mapping[str, ArrayLike],
    names: Sequence[str],
    title: str,
    signed: Collection[str] = (),
    notes: Mapping[str, Sequence[str]] | None = None,
) -> Figure:
    """Draw several kinds of pictures of the same units below each other: a unit a column, a kind a row.

    More than ten units go on in a band below, up to forty; the title says if there are more.

    Parameters
    ----------
    rows : mapping of str to array_like of shape (units, C, H, W), or (units, K, C, H, W) for several pictures of each
        By what stands in front of the row, in as many lines as it needs; what follows a line break stands below it,
        smaller.
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
    pictures = {name: real_array(f"rows[{name!r}]", row) for name, row in rows.items()}
    for name, given in pictures.items():
        if given.ndim not in (4, 5) or not given.size:
            expected = "at least one picture, in an array of shape (units, C, H, W) or (units, K, C, H, W)"
            raise wrong(f"rows[{name!r}]", given, expected)
    if not pictures:
        raise wrong("rows", rows, "at least one row of pictures")
    count = max(len(row) for row in pictures.values())
    scales = {name: None if name in signed else _scale(row) for name, row in pictures.items()}
    shown = min(count, MOST_MAPS)
    size = (WIDTH - 2 * MARGIN - LABEL) / min(max(shown, 4), UNITS_A_BAND)
    tall = max((size - GAP) * aspect(_tiled(row[0])) for row in pictures.values())
    note = 0.2 if notes else 0.0
    line = tall + note + GAP
    height = HEAD + len(pictures) * line
    sheet = Sheet(ceil(shown / UNITS_A_BAND), 1, (WIDTH - 2 * MARGIN, height), with_rest(title, count, MOST_MAPS))
    for band, panel in enumerate(sheet.panels()):
        units = range(band * UNITS_A_BAND, min((band + 1) * UNITS_A_BAND, shown))
        for row, (name, all_) in enumerate(pictures.items(), start=1):
            bottom = height - HEAD - row * line + GAP
            first, _, second = name.partition("\n")
            middle = bottom + note + tall / 2
            for up, label in enumerate(reversed(in_lines(first, LABEL - 0.1))):
                panel.text(label, 0, middle + up * LINE, LABEL - 0.1)
            panel.text(second, 0, middle - LINE, LABEL - 0.1, size=7.5, color=GREY)
            for column, unit in enumerate(units):
                left, below = LABEL + column * size, (notes or {}).get(name, ())[unit : unit + 1]
                centre, room = left + (size - GAP) / 2, size - GAP
                if row == 1:
                    above = "".join(names[unit : unit + 1])
                    panel.text(above, centre, height - HEAD + 0.03, room, align="center", weight="bold")
                if unit < len(all_):
                    _draw(panel, (left, bottom + note, room, tall), _tiled(all_[unit]), scales[name])
                panel.text("".join(below), centre, bottom + 0.01, room, size=7, align="center", color=GREY)
    return sheet.figure


def _scale(pictures: Array) -> tuple[float, float]:
    """Return what is black and what is white in images: 0 and 1, or their least and largest value beyond."""
    known = pictures[np.isfinite(pictures)]
    return float(known.min(initial=0)), float(known.max(initial=1))


def _draw(
    panel: Panel, place: tuple[float, float, float, float], picture: Array, scale: tuple[float, float] | None
) -> None:
    """Draw a picture on a scale, framed, as it may be white; without one zero is mid-grey, channels are averaged."""
    from matplotlib.colors import to_rgb
    from matplotlib.patches import Rectangle

    if scale is None:
        limit = float(np.abs(picture[np.isfinite(picture)]).max(initial=0)) or 1.0
        panel.pixels(picture.mean(axis=0), *place, (-limit, limit))
        return
    paper = to_rgb(BOARD)  # not white, as pictures are
    shown = picture if len(picture) == 3 else picture.mean(axis=0, keepdims=True).repeat(3, axis=0)
    colours = (np.moveaxis(shown, 0, -1) - scale[0]) / (scale[1] - scale[0])
    axes = panel.pixels(np.where(np.isnan(colours), paper, colours), *place)
    axes.add_patch(Rectangle((0, 0), 1, 1, fill=False, edgecolor=BOARD, transform=axes.transAxes, clip_on=False))


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
    picture = finite_array("image", image, shape=net.input_shape)
    maps = net.trace(picture)[layer]
    shown = min(len(maps), MOST_MAPS)
    across = min(shown, 8)
    left, side = 2.1, (WIDTH - 2 * MARGIN - 2.1) / 8
    sheet_of_maps = montage(maps[:MOST_MAPS], across)
    high = side * across * aspect(sheet_of_maps)
    tall = max(high, 1.9 * aspect(picture))
    heading = f"Output of {layer} for one image, {shown} of {len(maps)} units" if title is None else title
    sheet = Sheet(1, 1, (WIDTH - 2 * MARGIN, tall + 0.24), heading)
    (panel,) = sheet.panels()
    limit = float(np.abs(maps).max()) or 1.0
    panel.image(picture, 0, tall + 0.24 - 1.9 * aspect(picture), 1.9)
    panel.pixels(sheet_of_maps, left, tall + 0.24 - high, side * across, high, (-limit, limit))
    scale = f"one scale for all: black is -{number(limit)}, grey 0, white {number(limit)}"
    panel.text(scale, left, tall - high, 6, size=8)
    return sheet.figure


@checked
def animated_gif(frames: ArrayLike, *, scale: int | None = None, milliseconds: int = 80) -> bytes:
    """Return pictures as an animated GIF, which the caller writes to a file.

    Parameters
    ----------
    frames : array_like of shape (F, C, H, W), or (F, P, C, H, W) for several pictures, which are put in a square
        0 (black) to 1 (white); what is beyond is cut off.
    scale : int, optional
        How many pixels wide and high a pixel is drawn; as many as make the whole at least 400 pixels wide if not given.
    milliseconds : int
        How long a frame is seen.
    """
    from PIL import Image

    pictures, seen = (
        finite_array("frames", frames, np.float64),
        whole_number("milliseconds", milliseconds, most=LONGEST),
    )
    if pictures.ndim not in (4, 5) or not pictures.size or pictures.shape[-3] not in (1, 3):
        raise wrong(
            "frames", frames, "at least one picture, in an array of shape (F, 1 or 3, H, W) or (F, P, 1 or 3, H, W)"
        )
    sheets = np.nan_to_num(np.stack([_tiled(frame) for frame in pictures]), nan=1.0)
    levels = np.rint(255 * np.clip(sheets, 0, 1)).astype(np.uint8)
    times = ceil(WIDE / levels.shape[-1]) if scale is None else whole_number("scale", scale)
    large = levels.repeat(times, axis=-2).repeat(times, axis=-1)
    images = [Image.fromarray(each[0] if len(each) == 1 else np.moveaxis(each, 0, -1)) for each in large]
    memory = io.BytesIO()
    images[0].save(memory, "GIF", save_all=True, append_images=images[1:], duration=seen, loop=0)
    return memory.getvalue()


def _tiled(pictures: Array) -> Array:
    """Return one picture of several, in a square with gaps of NaN between them; a single one as it is."""
    if pictures.ndim == 3:
        return pictures
    per_line = ceil(len(pictures) ** 0.5)
    return np.stack([montage(channel, per_line) for channel in np.moveaxis(pictures, 1, 0)])
