"""Figures of panels, cut so that on a narrow screen the panels stand below each other and stay readable."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FEW_COLOURS = (
    5000  # most of them of the edges of letters and lines: with 256, nobody sees less and a page is half as large
)


class Piece(NamedTuple):
    """A part of a figure.

    Attributes
    ----------
    picture : bytes
        A PNG file.
    width : float
        In inches.
    is_head : bool
        Whether it is what stands above all panels.
    """

    picture: bytes
    width: float
    is_head: bool = False


def pieces(figure: Figure, picture: bytes) -> list[Piece]:
    """Return the title and the panels of a figure one by one; the whole figure if it has no panels side by side.

    Parameters
    ----------
    figure : Figure
    picture : bytes
        The figure as a PNG file.
    """
    boxes, (across, up) = getattr(figure, "panels", ()), figure.get_size_inches()
    if not boxes:
        return [Piece(picture, across)]
    from PIL import Image

    whole, found = Image.open(io.BytesIO(picture)).convert("RGB"), []
    if whole.getcolors(FEW_COLOURS):
        whole = whole.quantize(256)
    dots = whole.width / across
    for left, bottom, right, top in boxes:
        part = whole.crop(
            (round(left * dots), round((up - top) * dots), round(right * dots), round((up - bottom) * dots))
        )
        stream = io.BytesIO()
        part.save(stream, format="png")
        found.append(Piece(stream.getvalue(), right - left, is_head=right - left == across))
    return found
