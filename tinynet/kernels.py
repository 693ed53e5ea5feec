"""Correlation and pooling on arrays, each with its adjoints: where a network's time goes.

Images are (N, C, H, W) by their axes, but lie in memory as (H, C, W, N): a row of all maps and all images is one long
run. Two things follow. Elementwise operations and pools work on runs of at least N numbers. And a correlation needs
little copying: let P hold, for each row y of the image, the row's copies shifted by each of the kernel's columns,

    P[y, c, q, (j, n)] = x[n, c, y, j + q]     with q = 0 ... kw - 1,

then the rows i ... i + kh - 1 of P, which lie behind each other in memory, are a matrix of kh C kw rows, and one row of
outputs is one matrix product, for all filters, columns and images at once:

    z[(o), (j, n)] = sum over (p, c, q) of W[o, (p, c, q)] P[i + p, c, q, (j, n)].

A classical im2col copies each pixel kh kw times; here it is copied kw times, and the output is written in place. The
products of all rows of outputs are the block-Toeplitz matrix with the blocks W, times P. P is made for a few columns at
a time, so that it stays in the cache until the products have used it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Pair = tuple[int, int]
Padding = tuple[Pair, Pair]

NO_PADDING: Padding = ((0, 0), (0, 0))
BLOCK_BYTES = 1 << 20  # half of a common second-level cache, so that a block and its product fit


def output_size(length: int, kernel: int, stride: int, before: int, after: int, ceil: bool = False) -> int:
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
        return 0
    count = room // stride + 1
    if ceil and room % stride and count * stride < length + before:
        count += 1
    return count


def batch_innermost(x: Array) -> Array:
    """Return the array with its batch axis varying fastest in memory, and images' rows slowest; copied if need be.

    Parameters
    ----------
    x : ndarray of shape (N, ...)
        Images (N, C, H, W) come to lie as (H, C, W, N), anything else with the first axis moved to the end.
    """
    if x.ndim == 4:
        return _images(np.ascontiguousarray(_rows(x)))
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 0, -1)), -1, 0)


# -------------------------------------------------------------------------------------------------------- correlation


def correlate(
    x: Array, w: Array, bias: Array | None = None, *, stride: Pair = (1, 1), padding: Padding = NO_PADDING
) -> Array:
    """Return the cross-correlation of images with filters.

    Parameters
    ----------
    x : ndarray of shape (N, C, H, W)
        Images.
    w : ndarray of shape (O, C, kh, kw)
        Filters.
    bias : ndarray of shape (O,), optional
        Added to each filter's output.
    stride : pair of int
        Steps down and right, in pixels.
    padding : pair of pair of int
        Rows of zeros above and below, columns of zeros left and right; a negative number crops.

    Returns
    -------
    z : ndarray of shape (N, O, H', W')

    Notes
    -----
    z[n,o,i,j] = b[o] + sum over c,p,q of w[o,c,p,q] x[n,c,s i + p,s j + q]; as products, see the head of this file.

    References
    ----------
    Lo 2016, eq. 2.6; Chellapilla et al. 2006, section 4 (correlation as a matrix product).
    """
    count, filters = len(x), len(w)
    height, width = _output_shape(x.shape[2:], w.shape[2:], stride, padding)
    z = np.empty((height, filters, width, count), np.result_type(x, w))
    weights = _as_matrix(w)
    for columns, bands in _blocks(x, w.shape[2:], stride, padding, height, width):
        block = _output_rows(z, columns)
        np.matmul(weights, bands, out=block)
        if bias is not None:
            block += bias[:, None]
    return _images(z)


def correlate_input_adjoint(
    dz: Array, w: Array, *, size: Pair, stride: Pair = (1, 1), padding: Padding = NO_PADDING
) -> Array:
    """Return the gradient with respect to the images of a correlation.

    Parameters
    ----------
    dz : ndarray of shape (N, O, H', W')
        Gradient with respect to the output.
    w : ndarray of shape (O, C, kh, kw)
        Filters.
    size : pair of int
        Height H and width W of the images.
    stride, padding : as in `correlate`

    Returns
    -------
    dx : ndarray of shape (N, C, H, W)

    Notes
    -----
    dx[n,c,u,v] = sum of w[o,c,p,q] dz[n,o,i,j] over all s i + p - top = u and s j + q - left = v. With zeros put
    between the places of dz until they are one pixel apart, i = u + top - p: a correlation of dz with the filters
    turned by half a circle, p' = kh - 1 - p, after a padding of kh - 1 - top rows.
    """
    kernel = w.shape[2:]
    spread = _spread(dz, stride)
    turned = w[:, :, ::-1, ::-1].transpose(1, 0, 2, 3)
    before = [k - 1 - first for k, (first, _) in zip(kernel, padding, strict=True)]
    after = [n + k - 1 - b - s for n, k, b, s in zip(size, kernel, before, spread.shape[2:], strict=True)]
    return correlate(spread, turned, padding=((before[0], after[0]), (before[1], after[1])))


def correlate_kernel_adjoint(
    dz: Array, x: Array, *, size: Pair, stride: Pair = (1, 1), padding: Padding = NO_PADDING
) -> Array:
    """Return the gradient with respect to the filters of a correlation, summed over the images.

    Parameters
    ----------
    dz : ndarray of shape (N, O, H', W')
        Gradient with respect to the output.
    x : ndarray of shape (N, C, H, W)
        Images.
    size : pair of int
        Height kh and width kw of the filters.
    stride, padding : as in `correlate`

    Returns
    -------
    dw : ndarray of shape (O, C, kh, kw)

    Notes
    -----
    dw[o,c,p,q] = sum over n,i,j of dz[n,o,i,j] x[n,c,s i + p,s j + q]. Each row of outputs z = W P was a product, so
    its share is dz P^T, and the rows' shares add up.
    """
    (rows, columns), channels, filters = size, x.shape[1], dz.shape[1]
    dz_rows = np.ascontiguousarray(_rows(dz))
    total = np.zeros((filters, rows * channels * columns), np.result_type(dz, x))
    for block, bands in _blocks(x, size, stride, padding, *dz.shape[2:]):
        total += np.matmul(_output_rows(dz_rows, block), bands.transpose(0, 2, 1)).sum(axis=0)
    return np.ascontiguousarray(total.reshape(filters, rows, channels, columns).transpose(0, 2, 1, 3))


def _blocks(
    x: Array, kernel: Pair, stride: Pair, padding: Padding, height: int, width: int
) -> Iterator[tuple[slice, Array]]:
    """Yield, for some columns of the output at a time, one matrix (kh C kw, columns N) for each of its rows."""
    rows = np.ascontiguousarray(_rows(x))
    _, channels, _, count = rows.shape
    needed = (height - 1) * stride[0] + kernel[0]
    column_bytes = needed * channels * kernel[1] * count * rows.itemsize
    blocks = min(-(-width * column_bytes // BLOCK_BYTES), width) if count else 0
    for block in range(blocks):
        columns = slice(block * width // blocks, (block + 1) * width // blocks)
        shifted = _shifted_copies(rows, kernel[1], stride[1], padding, needed, columns)
        row, _, copy, _, number = shifted.strides
        shape = (height, kernel[0] * channels * kernel[1], (columns.stop - columns.start) * count)
        yield columns, np.ndarray(shape, rows.dtype, buffer=shifted, strides=(stride[0] * row, copy, number))


def _shifted_copies(rows: Array, kw: int, stride: int, padding: Padding, needed: int, columns: slice) -> Array:
    """Return P[y,c,q,j,n] = x[y - top, c, s j + q - left, n] for some columns j; zero outside the image."""
    (top, _), (left, _) = padding
    height, channels, width, count = rows.shape
    shape = (needed, channels, kw, columns.stop - columns.start, count)
    first = min(max(top, 0), needed)
    last = max(min(height + top, needed), first)
    copies = np.empty(shape, rows.dtype)
    copies[:first] = 0
    copies[last:] = 0
    for q in range(kw):
        start = min(max(columns.start, -((q - left) // stride)), columns.stop)
        stop = max(min(columns.stop, (width - 1 + left - q) // stride + 1), start)
        inside = copies[first:last, :, q]
        inside[:, :, : start - columns.start] = 0
        inside[:, :, stop - columns.start :] = 0
        if stop > start:
            begin = start * stride + q - left
            seen = rows[first - top : last - top, :, begin : begin + (stop - start - 1) * stride + 1 : stride]
            inside[:, :, start - columns.start : stop - columns.start] = seen
    return copies


def _output_rows(z: Array, columns: slice) -> Array:
    """Return some columns of an array (H', O, W', N) as one matrix (O, columns N) for each row, without a copy."""
    height, filters, width, count = z.shape
    return z.reshape(height, filters, width * count)[:, :, columns.start * count : columns.stop * count]


def _as_matrix(w: Array) -> Array:
    """Return filters (O, C, kh, kw) as the matrix (O, kh C kw) whose columns are in the order of P's rows."""
    return np.ascontiguousarray(w.transpose(0, 2, 1, 3)).reshape(len(w), -1)


def _spread(dz: Array, stride: Pair) -> Array:
    """Return an array with zeros between its places, so that they lie a stride apart."""
    if stride == (1, 1):
        return dz
    count, filters, height, width = dz.shape
    down, right = stride
    spread = _images(np.zeros(((height - 1) * down + 1, filters, (width - 1) * right + 1, count), dz.dtype))
    spread[:, :, ::down, ::right] = dz
    return spread


def _output_shape(size: tuple[int, ...], kernel: tuple[int, ...], stride: Pair, padding: Padding) -> Pair:
    height, width = (
        output_size(length, k, step, *pad) for length, k, step, pad in zip(size, kernel, stride, padding, strict=True)
    )
    return height, width


def _rows(images: Array) -> Array:
    """See images (N, C, H, W) in the order of memory, (H, C, W, N)."""
    return images.transpose(2, 1, 3, 0)


def _images(rows: Array) -> Array:
    """See an array (H, C, W, N) as images (N, C, H, W)."""
    return rows.transpose(3, 1, 0, 2)


# ------------------------------------------------------------------------------------------------------------ pooling


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

    Notes
    -----
    The maximum over a window is the maximum over its columns of the maxima over its rows.
    """
    padded, (height, width) = _padded(x, size, stride, padding, ceil, -np.inf)
    tall = _running(np.maximum, [_every(padded, p, stride[0], height, axis=2) for p in range(size[0])])
    return _running(np.maximum, [_every(tall, q, stride[1], width, axis=3) for q in range(size[1])])


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
    equals the maximum takes the whole delta, so that a tie's delta is neither lost nor doubled.
    """
    padded, (height, width) = _padded(x, size, stride, padding, ceil, -np.inf)
    dx = _zeros_like_images(dy, padded.shape[2:])
    undecided = np.ones_like(y, bool)
    apart = size[0] <= stride[0] and size[1] <= stride[1]
    for p, q in np.ndindex(*size):
        wins = _window_place(padded, p, q, stride, height, width) == y
        wins &= undecided
        undecided &= ~wins
        place = _window_place(dx, p, q, stride, height, width)
        if apart:
            np.multiply(dy, wins, out=place)
        else:
            place += dy * wins
    return _cropped(dx, x.shape[2:], padding)


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
    """
    padded, (height, width) = _padded(x, size, stride, padding, ceil, 0.0)
    tall = _running(np.add, [_every(padded, p, stride[0], height, axis=2) for p in range(size[0])])
    total = _running(np.add, [_every(tall, q, stride[1], width, axis=3) for q in range(size[1])])
    return total / _counts(x.shape[2:], size, stride, padding, ceil).astype(x.dtype)


def average_pool_adjoint(
    dy: Array, *, input_size: Pair, size: Pair, stride: Pair, padding: Padding = NO_PADDING, ceil: bool = False
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
    height, width = dy.shape[-2:]
    share = dy / _counts(input_size, size, stride, padding, ceil).astype(dy.dtype)
    dx = _zeros_like_images(dy, _padded_size(input_size, size, stride, padding, (height, width)))
    for p, q in np.ndindex(*size):
        place = _window_place(dx, p, q, stride, height, width)
        place += share
    return _cropped(dx, input_size, padding)


def _padded(x: Array, size: Pair, stride: Pair, padding: Padding, ceil: bool, value: float) -> tuple[Array, Pair]:
    """Return the images with everything that a window reaches around them, and the number of windows."""
    height, width = (
        output_size(length, k, step, *pad, ceil)
        for length, k, step, pad in zip(x.shape[2:], size, stride, padding, strict=True)
    )
    needed = _padded_size(x.shape[2:], size, stride, padding, (height, width))
    if needed == x.shape[2:]:
        return x, (height, width)
    rows = np.full((needed[0], x.shape[1], needed[1], len(x)), value, x.dtype)
    _cropped(_images(rows), x.shape[2:], padding)[...] = x
    return _images(rows), (height, width)


def _padded_size(size: tuple[int, ...], window: Pair, stride: Pair, padding: Padding, counts: Pair) -> Pair:
    height, width = (
        max(before + length, (count - 1) * step + k)
        for length, k, step, (before, _), count in zip(size, window, stride, padding, counts, strict=True)
    )
    return height, width


def _cropped(padded: Array, size: tuple[int, ...], padding: Padding) -> Array:
    (top, _), (left, _) = padding
    return padded[..., top : top + size[0], left : left + size[1]]


def _counts(size: tuple[int, ...], window: Pair, stride: Pair, padding: Padding, ceil: bool) -> Array:
    """Return how many places of the image and its padding each window holds, (H', W')."""
    rows, columns = (
        [
            min(before + length + after, index * step + k) - index * step
            for index in range(output_size(length, k, step, before, after, ceil))
        ]
        for length, k, step, (before, after) in zip(size, window, stride, padding, strict=True)
    )
    return np.outer(rows, columns)


def _window_place(x: Array, p: int, q: int, stride: Pair, height: int, width: int) -> Array:
    """Return the values at one place (p, q) of every window."""
    return _every(_every(x, p, stride[0], height, axis=x.ndim - 2), q, stride[1], width, axis=x.ndim - 1)


def _every(x: Array, start: int, step: int, count: int, axis: int) -> Array:
    """Return `count` slices of an axis, `step` apart."""
    index = [slice(None)] * x.ndim
    index[axis] = slice(start, start + (count - 1) * step + 1, step)
    return x[tuple(index)]


def _running(combine: np.ufunc, arrays: list[Array]) -> Array:
    total = arrays[0].copy(order="K") if len(arrays) == 1 else combine(arrays[0], arrays[1])
    for array in arrays[2:]:
        combine(total, array, out=total)
    return total


def _zeros_like_images(dy: Array, size: tuple[int, ...]) -> Array:
    """Return zeros (..., N, C, H, W) that lie in memory as (H, C, W, ..., N)."""
    *batch, channels, _, _ = dy.shape
    rows = np.zeros((size[0], channels, size[1], *batch), dy.dtype)
    return np.moveaxis(rows, (1, 0, 2), (-3, -2, -1))
