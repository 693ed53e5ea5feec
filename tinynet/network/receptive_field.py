"""The part of the image that one place of a feature map sees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tinynet.layers import Layer
from tinynet.layers.window import Window
from tinynet.types import Shape


class ReceptiveField(NamedTuple):
    """The part of the image that one place of a feature map sees, in pixels, for both axes (down, across).

    Attributes
    ----------
    size : pair of int
        Height and width of the part.
    step : pair of int
        How far it moves for the next place of the map.
    start : pair of int
        Its top left corner for the first place; negative where it begins in the padding.
    path : tuple of (Window, (height, width))
        The windows in between, from the image on, each with the size of the maps that it slides over.
    """

    size: tuple[int, int]
    step: tuple[int, int]
    start: tuple[int, int]
    path: tuple[tuple[Window, tuple[int, int]], ...]

    def box(self, row: int, column: int) -> tuple[slice, slice]:
        """Return the rows and columns of the image that one place of the map sees.

        Parameters
        ----------
        row, column : int
            Place in the feature map.

        Notes
        -----
        Walked back window by window: places first to last of a map see s first - p to s last - p + k - 1 of the map
        before, and of those only the ones that exist.
        """
        return self._seen(row, axis=0), self._seen(column, axis=1)

    def _seen(self, place: int, axis: int) -> slice:
        first, last = place, place
        for window, lengths in reversed(self.path):
            before = window.pads(*lengths)[axis][0]
            first = max(first * window.stride[axis] - before, 0)
            last = min(last * window.stride[axis] - before + window.size[axis], lengths[axis]) - 1
            if last < first:
                return slice(0, 0)
        return slice(first, last + 1)


def receptive_field(layers: Sequence[Layer], shapes: Sequence[Shape]) -> ReceptiveField:
    """Return the receptive field of the places of a feature map behind some layers.

    Parameters
    ----------
    layers : sequence of Layer
        From the image on.
    shapes : sequence of tuple of int
        Shape of the input of each.

    Notes
    -----
    A window of size k, stride s and padding p on maps whose places see r pixels, j pixels apart, starting at a: its
    places see r + (k - 1) j pixels, s j apart, starting at a - p j.
    """
    size, step, start, path = [1, 1], [1, 1], [0, 0], []
    for layer, shape in zip(layers, shapes, strict=True):
        window = getattr(layer, "window", None)
        if isinstance(window, Window):
            height, width = shape[1:]
            pads = window.pads(height, width)
            path.append((window, (height, width)))
            for axis in (0, 1):
                start[axis] -= pads[axis][0] * step[axis]
                size[axis] += (window.size[axis] - 1) * step[axis]
                step[axis] *= window.stride[axis]
    return ReceptiveField((size[0], size[1]), (step[0], step[1]), (start[0], start[1]), tuple(path))
