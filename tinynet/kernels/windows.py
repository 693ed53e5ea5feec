"""Where windows stand on an image: sizes, strides, padding. What correlation and pooling have in common."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np

from tinynet.kernels import memory
from tinynet.types import Array

Pair = tuple[int, int]
Padding = tuple[Pair, Pair]

NO_PADDING: Padding = ((0, 0), (0, 0))
BLOCK_BYTES = 1 << 20  # gathered or pooled at a time: half of a common second-level cache


def output_size(length: int, kernel: int, stride: int, before: int, after: int, *, ceil: bool = False) -> int:
    """Return how many windows fit along an axis.

    Parameters
    ----------
    length, kernel, stride : int
        Of the axis, of the window, and from one window to the next, in pixels.
    before, after : int
        Padding at either end, in pixels.
    ceil : bool
        Whether a last window may hang over the end; it must begin on the axis or in the padding before it.
    """
    room = length + before + after - kernel
    if room < 0:
        return int(ceil and length > 0)
    count = room // stride + 1
    if ceil and room % stride and count * stride < length + before:
        count += 1
    return count


class Axis(NamedTuple):
    """Windows along one axis of an image, and how many of them make a tile."""

    start: int  # first pixel of the first window; negative in the padding
    outputs: int
    kernel: int
    stride: int
    tile: int = 1

    @property
    def tiles(self) -> int:
        """Number of tiles; the last one may hang over."""
        return -(-self.outputs // self.tile)

    @property
    def step(self) -> int:
        """From one tile to the next, in pixels."""
        return self.tile * self.stride

    @property
    def patch(self) -> int:
        """Pixels that a tile depends on."""
        return self.step - self.stride + self.kernel

    @property
    def extent(self) -> int:
        """Pixels that all tiles together depend on."""
        return (self.tiles - 1) * self.step + self.patch


Windows = tuple[Axis, Axis]


@functools.lru_cache(maxsize=256)
def windows_of(
    size: tuple[int, ...], kernel: tuple[int, ...], stride: Pair, padding: Padding, *, ceil: bool = False
) -> Windows:
    """Return where the windows of a correlation or pool stand, as single outputs.

    Parameters
    ----------
    size, kernel, stride : pair of int
        Of the image, of the window, and from one window to the next: down and right, in pixels.
    padding : pair of pair of int
        Rows above and below, columns left and right.
    ceil : bool
        Whether last windows may hang over the edge.
    """
    down, right = (
        Axis(-before, output_size(length, k, step, before, after, ceil=ceil), k, step)
        for length, k, step, (before, after) in zip(size, kernel, stride, padding, strict=True)
    )
    return down, right


def meeting(axis: Axis, place: int, length: int, windows: range) -> tuple[slice, slice]:
    """Return which of the windows have a pixel at one of their places, and those pixels.

    Parameters
    ----------
    axis : Axis
    place : int
        Within each window.
    length : int
        Pixels of the image.
    windows : range
        Those in question.
    """
    offset = axis.start + place
    first = max(windows.start, -(offset // axis.stride))
    last = max(min(windows.stop, (length - 1 - offset) // axis.stride + 1), first)
    begin = offset + first * axis.stride
    return slice(first, last), slice(begin, begin + (last - first) * axis.stride, axis.stride)


class Frame(NamedTuple):
    """Which rows and columns of the image windows see, and where these stand among the zeros that they see as well."""

    rows: slice
    columns: slice
    height: int
    width: int
    top: int
    left: int


@functools.lru_cache(maxsize=256)
def frame_of(height: int, width: int, windows: Windows) -> Frame | None:
    """Return how windows reach beyond an image, if they do or begin within it.

    Parameters
    ----------
    height, width : int
        Of the image.
    windows : pair of Axis
    """
    (top, bottom), (left, right) = ((axis.start, axis.start + axis.extent) for axis in windows)
    if top == left == 0 and bottom <= height and right <= width:
        return None
    rows, columns = slice(max(top, 0), max(bottom, 0)), slice(max(left, 0), max(right, 0))
    return Frame(rows, columns, bottom - top, right - left, max(-top, 0), max(-left, 0))


def framed(rows: Array, frame: Frame | None, outside: float = 0.0) -> Array:
    """Return an image (H, C, W, N) that begins where windows do and holds all that they see, whatever is outside.

    Parameters
    ----------
    rows : ndarray of shape (H, C, W, N)
    frame : Frame, optional
        Without it the image already does.
    outside : float
        What windows see beyond the image.
    """
    if frame is None:
        return rows
    inside = rows[frame.rows, :, frame.columns]
    return extended(inside, frame.height, frame.width, frame.top, frame.left, outside)


def extended(rows: Array, height: int, width: int, top: int = 0, left: int = 0, outside: float = 0.0) -> Array:
    """Return the image at (top, left) within what is outside, `height` x `width`; itself if that is its size.

    Parameters
    ----------
    rows : ndarray of shape (H, C, W, N)
    height, width, top, left : int
        In pixels.
    outside : float
    """
    if rows.shape[0] == height and rows.shape[2] == width:
        return np.ascontiguousarray(rows)
    wide = memory.empty((height, rows.shape[1], width, rows.shape[-1]), rows.dtype)
    wide.fill(outside)
    wide[top : top + rows.shape[0], :, left : left + rows.shape[2]] = rows
    return wide


def equal_parts(total: int, most: int) -> int:
    """Return the size of equal parts of at most `most`; the last may be smaller."""
    return -(-total // -(-total // max(most, 1)))


def blocks_of_rows(count: int, row_bytes: int) -> list[slice]:
    """Return equal parts of some rows, each as many as the cache holds.

    Parameters
    ----------
    count : int
        Number of rows.
    row_bytes : int
        Of one row.
    """
    rows = equal_parts(count, BLOCK_BYTES // max(row_bytes, 1)) if count else 1
    return [slice(first, min(first + rows, count)) for first in range(0, count, rows)]
