"""Pooling and its adjoints: the largest value, or the mean, of each window."""

from __future__ import annotations

import functools
import itertools
from typing import Any

import numpy as np

from tinynet.kernels import memory
from tinynet.kernels.elementwise import only_where
from tinynet.kernels.layout import empty_batch, in_memory_order, out_of_memory_order
from tinynet.kernels.precision import at_least_single
from tinynet.kernels.windows import (
    NO_PADDING,
    Padding,
    Pair,
    Windows,
    blocks_of_rows,
    frame_of,
    framed,
    meeting,
    output_size,
    windows_of,
)
from tinynet.types import Array

Index = tuple[Any, ...]


@at_least_single
def max_pool(x: Array, *, size: Pair, stride: Pair, padding: Padding = NO_PADDING, ceil: bool = False) -> Array:
    """Return the largest value of each window.

    Parameters
    ----------
    x : ndarray of shape (N, C, H, W)
        Images.
    size, stride : pair of int
        Height and width of the windows, and steps down and right, in pixels.
    padding : pair of pair of int
        Rows above and below, columns left and right that belong to windows but never win.
    ceil : bool
        Whether last windows may hang over the edge.

    Returns
    -------
    y : ndarray of shape (N, C, H', W')
        NaN where a window holds one.
    """
    return _pooled(np.maximum, x, windows_of(x.shape[2:], size, stride, padding, ceil=ceil), -np.inf)


@at_least_single
def max_pool_adjoint(
    dy: Array, x: Array, y: Array, *, size: Pair, stride: Pair, padding: Padding = NO_PADDING, ceil: bool = False
) -> Array:
    """Return the gradient with respect to the images of a max pooling.

    Parameters
    ----------
    dy : ndarray of shape (..., N, C, H', W')
        Gradient with respect to the output; it may have further leading axes.
    x : ndarray of shape (N, C, H, W)
        Images.
    y : ndarray of shape (N, C, H', W')
        The output, `max_pool(x)`.
    size, stride, padding, ceil : as in `max_pool`

    Returns
    -------
    dx : ndarray of shape (..., N, C, H, W)

    Notes
    -----
    The maximum depends on its winner alone, with slope 1. Places are visited in row-major order, and the first that
    is not smaller than the maximum takes the whole delta, so that a tie's delta is neither lost nor doubled.
    """
    axes = windows_of(x.shape[2:], size, stride, padding, ceil=ceil)
    dx = empty_batch(dy.shape[:-3], x.shape[1:], dy.dtype)
    if _are_side_by_side(axes, x.shape[2:]):
        values, gradient = (_by_row_of_windows(_lined_up(array, dy.ndim), axes) for array in (x, dx))
        maxima, deltas = (_lined_up(array, dy.ndim) for array in (y, dy))
        for rows in blocks_of_rows(len(maxima), values[:1].nbytes):
            wins = np.less(values[rows], _widened(maxima[rows], size))
            np.logical_not(wins, out=wins)
            if np.count_nonzero(wins) > maxima[rows].size:
                _keep_first(wins, size)
            only_where(wins, _widened(deltas[rows], size), out=gradient[rows])
        return _without_rest(dx, axes)
    dx[...] = 0
    undecided = np.ones_like(y, bool)
    for windows, pixels in _places(axes, x.shape[2:]):
        loses = np.less(x[pixels], y[windows])
        wins = np.greater(undecided[windows], loses)
        undecided[windows] &= loses
        dx[pixels] += only_where(wins, dy[windows])
    return dx


@at_least_single
def average_pool(x: Array, *, size: Pair, stride: Pair, padding: Padding = NO_PADDING, ceil: bool = False) -> Array:
    """Return the mean of each window.

    Parameters
    ----------
    x : ndarray of shape (N, C, H, W)
        Images.
    size, stride, ceil : as in `max_pool`
    padding : pair of pair of int
        Rows above and below, columns left and right that count as zeros; what hangs over beyond does not count.

    Returns
    -------
    y : ndarray of shape (N, C, H', W')

    Notes
    -----
    A sum can be too large for its type where the mean is not: such windows are added up once more, in parts of 1 / 2^k.
    NumPy notices an overflow on the way, so that others pay nothing.
    """
    axes = windows_of(x.shape[2:], size, stride, padding, ceil=ceil)
    counts = _counts(x.shape[2:], size, stride, padding, ceil=ceil).astype(x.dtype)
    try:
        with np.errstate(over="raise"):
            return _pooled(np.add, x, axes, 0.0) / counts
    except FloatingPointError:
        part = x.dtype.type(2.0 ** -np.ceil(np.log2(counts.max())))
        with np.errstate(over="ignore", invalid="ignore"):
            mean = _pooled(np.add, x, axes, 0.0) / counts
            return np.where(np.isfinite(mean), mean, _pooled(np.add, x * part, axes, 0.0) / (counts * part))


@at_least_single
def average_pool_adjoint(
    dy: Array,
    *,
    input_size: tuple[int, ...],
    size: Pair,
    stride: Pair,
    padding: Padding = NO_PADDING,
    ceil: bool = False,
) -> Array:
    """Return the gradient with respect to the images of an average pooling.

    Parameters
    ----------
    dy : ndarray of shape (..., N, C, H', W')
        Gradient with respect to the output.
    input_size : pair of int
        Height H and width W of the images.
    size, stride, padding, ceil : as in `average_pool`

    Returns
    -------
    dx : ndarray of shape (..., N, C, H, W)

    Notes
    -----
    Each place of a window of n places has the slope 1 / n.
    """
    axes = windows_of(input_size, size, stride, padding, ceil=ceil)
    share = dy / _counts(input_size, size, stride, padding, ceil=ceil).astype(dy.dtype)
    dx = empty_batch(dy.shape[:-3], (dy.shape[-3], *input_size), dy.dtype)
    if _are_side_by_side(axes, input_size):
        _by_row_of_windows(_lined_up(dx, dy.ndim), axes)[...] = _widened(_lined_up(share, dy.ndim), size)
        return _without_rest(dx, axes)
    dx[...] = 0
    for windows, pixels in _places(axes, input_size):
        dx[pixels] += share[windows]
    return dx


@functools.lru_cache(maxsize=256)
def _are_side_by_side(axes: Windows, size: tuple[int, ...]) -> bool:
    """Return whether the windows lie side by side and wholly on the image, from its first pixel on."""
    return all(
        axis.start == 0 and axis.kernel == axis.stride and axis.outputs * axis.kernel <= length
        for axis, length in zip(axes, size, strict=True)
    )


def _lined_up(images: Array, ndim: int) -> Array:
    """See images (..., C, H, W) in the order of memory, (H, C, W, ...), with as many axes as asked for."""
    stacked = images if images.ndim == ndim else images[(None,) * (ndim - images.ndim)]
    return stacked.transpose(_rows_first(ndim))


@functools.lru_cache(maxsize=64)
def _rows_first(ndim: int) -> tuple[int, ...]:
    return ndim - 2, ndim - 3, ndim - 1, *range(ndim - 3)


def _by_row_of_windows(rows: Array, axes: Windows) -> Array:
    """See what windows side by side reach of images (H, C, W, ...) as (H', kh, C, W' kw, ...)."""
    down, right = axes
    reached = rows[: down.outputs * down.kernel, :, : right.outputs * right.kernel]
    return reached.reshape(down.outputs, down.kernel, *reached.shape[1:])


def _widened(values: Array, size: Pair) -> Array:
    """Return one value a window (H', C, W', ...) repeated to the right for each of its columns, (H', 1, C, W' kw, ...).

    So an operation on all places has long runs of numbers, where one on windows has many short ones.
    """
    return values.repeat(size[1], axis=2)[:, None]


def _keep_first(wins: Array, size: Pair) -> None:
    """Leave of each window's winners (H', kh, C, W' kw, ...) the first in row-major order."""
    places = wins.reshape(*wins.shape[:3], -1, size[1], *wins.shape[4:])
    decided = np.zeros_like(places[:, 0, :, :, 0])
    for p, q in np.ndindex(size):
        place = places[:, p, :, :, q]
        np.greater(place, decided, out=place)
        decided |= place


def _without_rest(dx: Array, axes: Windows) -> Array:
    """Put zeros where windows side by side do not reach; return `dx`."""
    down, right = axes
    dx[..., down.outputs * down.kernel :, :] = 0
    dx[..., right.outputs * right.kernel :] = 0
    return dx


@functools.lru_cache(maxsize=256)
def _places(axes: Windows, size: Pair) -> tuple[tuple[Index, Index], ...]:
    """Return, place by place in row-major order, which windows have a pixel there, and which pixels those are.

    Places in the padding are nobody's: they are left out.
    """
    down, right = axes
    places = []
    for p, q in itertools.product(range(down.kernel), range(right.kernel)):
        window_rows, pixel_rows = meeting(down, p, size[0], range(down.outputs))
        window_columns, pixel_columns = meeting(right, q, size[1], range(right.outputs))
        places.append(((..., window_rows, window_columns), (..., pixel_rows, pixel_columns)))
    return tuple(places)


def _pooled(combine: np.ufunc, x: Array, axes: Windows, outside: float) -> Array:
    """Return what windows come to: the values of their rows put together first, which makes long runs, then columns."""
    (height, kh, down), (width, kw, right) = ((axis.outputs, axis.kernel, axis.stride) for axis in axes)
    image = framed(in_memory_order(x), frame_of(x.shape[2], x.shape[3], axes), outside)
    pooled = memory.empty((height, image.shape[1], width, len(x)), x.dtype)
    for rows in blocks_of_rows(height, image[:down].nbytes):
        begin, end = rows.start * down, (rows.stop - 1) * down + 1
        tall = _running(combine, [image[begin + p : end + p : down] for p in range(kh)])
        columns = [tall[:, :, q : (width - 1) * right + 1 + q : right] for q in range(kw)]
        _running(combine, columns, pooled[rows])
    return out_of_memory_order(pooled)


def _running(combine: np.ufunc, arrays: list[Array], out: Array | None = None) -> Array:
    total = combine(arrays[0], arrays[1], out=out) if len(arrays) > 1 else arrays[0]
    for array in arrays[2:]:
        combine(total, array, out=total)
    if out is not None and total is not out:
        out[...] = total
    return total


def _counts(size: tuple[int, ...], window: Pair, stride: Pair, padding: Padding, *, ceil: bool) -> Array:
    """Return how many places of the image and its padding each window holds, (H', W')."""
    rows, columns = (
        [
            min(before + length + after, index * step + k) - index * step
            for index in range(output_size(length, k, step, before, after, ceil=ceil))
        ]
        for length, k, step, (before, after) in zip(size, window, stride, padding, strict=True)
    )
    return np.outer(rows, columns)
