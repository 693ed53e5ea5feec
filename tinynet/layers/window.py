"""How a window slides over an image: what convolutions and pools have in common."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinynet import kernels
from tinynet.arguments import whole_number, wrong

Pair = tuple[int, int]


@dataclass(frozen=True)
class Window:
    """A rectangle that moves over an image in steps.

    Parameters
    ----------
    size, stride : pair of int
        Height and width of the window, and the steps down and right, in pixels.
    padding : pair of int or "same"
        Rows above and below, and columns left and right, that are added to the image. "same" adds as many as it takes
        for ceil(length / stride) windows, the odd one below or to the right.
    ceil : bool
        Whether a last window may hang over the edge.
    """

    size: Pair
    stride: Pair
    padding: Pair | str
    ceil: bool = False

    def pads(self, height: int, width: int) -> tuple[Pair, Pair]:
        """Return ((above, below), (left, right)) for an image of one size.

        Parameters
        ----------
        height, width : int
            Of the image, in pixels.
        """
        if isinstance(self.padding, tuple):
            rows, columns = self.padding
            return (rows, rows), (columns, columns)
        vertical, horizontal = (
            _same_padding(*axis) for axis in zip((height, width), self.size, self.stride, strict=True)
        )
        return vertical, horizontal

    def output_size(self, height: int, width: int) -> Pair:
        """Return how many windows fit an image, down and across.

        Parameters
        ----------
        height, width : int
            Of the image, in pixels.

        Raises
        ------
        ValueError
            If not one window fits.
        """
        counts = [
            kernels.output_size(length, size, stride, before, after, ceil=self.ceil)
            for length, size, stride, (before, after) in zip(
                (height, width), self.size, self.stride, self.pads(height, width), strict=True
            )
        ]
        if min(counts) < 1:
            raise ValueError(
                f"input is {height}x{width}, too small for a window of {self.size[0]}x{self.size[1]} "
                f"with padding {self.padding}"
            )
        return counts[0], counts[1]


def window(kind: str, size: int | Pair, stride: int | Pair, padding: int | Pair | str, *, ceil: bool = False) -> Window:
    """Make a window from what a user writes: one number for both axes, or a pair; "valid" for no padding.

    Parameters
    ----------
    kind : str
        Of the layer, for error messages.
    size, stride : int or pair of int
        At least 1.
    padding : int, pair of int, "valid" or "same"
        At least 0.
    ceil : bool
        Whether a last window may hang over the edge.
    """
    pads: Pair | str = "same"
    if not (isinstance(padding, str) and padding == "same"):
        rows = 0 if isinstance(padding, str) and padding == "valid" else padding
        pads = _pair(f"{kind}: padding", rows, 0, ', "valid" or "same"')
    return Window(_pair(f"{kind}: size", size, 1), _pair(f"{kind}: stride", stride, 1), pads, ceil)


def _pair(what: str, value: object, least: int, or_else: str = "") -> Pair:
    one = np.ndim(value) == 0 if isinstance(value, np.ndarray) else not isinstance(value, (tuple, list))
    try:
        pair = (value, value) if one else tuple(value)  # type: ignore[arg-type]
        first, second = (whole_number(what, number, least) for number in pair)
    except ValueError:
        expected = f"a whole number of at least {least}, or a pair of them"
        raise wrong(what, value, expected + or_else) from None
    return first, second


def _same_padding(length: int, size: int, stride: int) -> Pair:
    total = max((-(-length // stride) - 1) * stride + size - length, 0)
    return total // 2, total - total // 2
