"""Correlation and its two adjoints: where a network's time goes.

Images are (N, C, H, W) by their axes, but lie in memory as (H, C, W, N): a row of all maps and all images is one long
run. So elementwise operations and pools work on runs of at least N numbers, and a correlation needs little copying.

A correlation is a product of matrices. The pixels that one output depends on are one column of a matrix P, and with the
filters as the rows of a matrix W,

    outputs = W P.

This is known as im2col, and P need not be copied as a whole. Its rows are ordered (p, q, c): down, across, channel. The
pixels are gathered as

    G[y, q, c, (j, n)] = x[n, c, y, j s + q]     for all image rows y that some rows of outputs depend on,

where s is the stride. The patches of the i-th row of outputs are then the image rows from i s on, which lie behind each
other: P is a part of G, without a copy. Where im2col copies each pixel kh kw times, G copies it kw times. G is made for
a block of outputs at a time, so that it stays in the cache until the products have used it.

The derivatives follow from outputs = W P. With respect to the filters it is (d outputs) P^T. With respect to the image
it is once more a correlation, of the deltas with the filters turned round. Wide 3x3 filters take fewer multiplications:
see `winograd.py`.

A large correlation is cut into parts, rows of outputs that several threads work on at once: see `plan.py`. Its products
are done in pieces that BLAS multiplies in place, on the thread that asks for them: see `products.py`.
"""

from __future__ import annotations

import functools
import itertools
import math
from typing import NamedTuple

import numpy as np

from tinynet.kernels import memory
from tinynet.kernels.gather import empty_tiles, for_each_block, sum_over_blocks
from tinynet.kernels.layout import in_memory_order, out_of_memory_order
from tinynet.kernels.plan import COPY, Plan, Views, cost, is_winograd, plan_of, tiled
from tinynet.kernels.precision import at_least_single
from tinynet.kernels.products import LINE, multiply, product
from tinynet.kernels.windows import (
    NO_PADDING,
    Axis,
    Padding,
    Pair,
    Windows,
    blocks_of_rows,
    extended,
    framed,
    meeting,
    windows_of,
)
from tinynet.kernels.winograd import winograd_correlate, winograd_kernel_adjoint
from tinynet.types import Array

CALL = 1e5  # multiply-adds that a call of NumPy takes as long as, in a choice between few and many


@at_least_single
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
    windows = windows_of(x.shape[2:], w.shape[2:], stride, padding)
    rows = np.ascontiguousarray(in_memory_order(x), np.result_type(x, w))
    return out_of_memory_order(_correlate(rows, w, bias, windows))


@at_least_single
def correlate_input_adjoint(
    dz: Array, w: Array, *, size: tuple[int, ...], stride: Pair = (1, 1), padding: Padding = NO_PADDING
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
    Along one axis, dx[u] is the sum of w[p] dz[i] over all s i + p = u + top. So a pixel meets only the weights of one
    phase, p = a + s p' with a = (u + top) mod s, and with k = (u + top - a) / s it is the sum of w[a + s p'] dz[k - p']
    over p': the pixels of a phase, s apart, are a correlation of dz with the phase's weights in reverse order.
    With stride 1 there is one phase. If the images have few channels, `_by_rows` does with less work.
    """
    deltas = np.ascontiguousarray(in_memory_order(dz), np.result_type(dz, w))
    down, right = (
        _phases(length, k, step, before)
        for length, k, step, (before, _) in zip(size, w.shape[2:], stride, padding, strict=True)
    )
    turned = w.swapaxes(0, 1)
    if stride == (1, 1):
        windows = down[0].windows, right[0].windows
        if _is_cheaper_by_rows(w.shape, windows, deltas.shape, deltas.itemsize):
            return out_of_memory_order(_by_rows(deltas, w, windows))
        return out_of_memory_order(_correlate(deltas, turned[:, :, ::-1, ::-1], None, windows))
    dx = np.zeros((size[0], w.shape[1], size[1], len(dz)), deltas.dtype)
    for rows, columns in itertools.product(down, right):
        weights = turned[:, :, rows.weights, columns.weights][:, :, ::-1, ::-1]
        dx[rows.pixels, :, columns.pixels] = _correlate(deltas, weights, None, (rows.windows, columns.windows))
    return out_of_memory_order(dx)


@at_least_single
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
    dw[o,c,p,q] = sum over n,i,j of dz[n,o,i,j] x[n,c,s i + p,s j + q]: as outputs = W P, it is (d outputs) P^T.
    """
    dtype = np.result_type(dz, x)
    deltas, rows = (np.ascontiguousarray(in_memory_order(array), dtype) for array in (dz, x))
    filters, channels = dz.shape[1], x.shape[1]
    if 0 in (dz.size, x.size):
        return np.zeros((filters, channels, *size), dtype)
    plan = plan_of(filters, rows.shape, windows_of(x.shape[2:], size, stride, padding), dtype.itemsize, adjoint=True)
    down, right = plan.windows
    image = framed(rows, plan.frame)
    if is_winograd(plan.windows):
        tiles = extended(deltas, down.tiles * down.tile, right.tiles * right.tile)
        return winograd_kernel_adjoint(tiles, image, plan)
    return _kernel_adjoint(deltas, image, plan)


def _correlate(rows: Array, w: Array, bias: Array | None, windows: Windows) -> Array:
    """Return the correlation of images (H, C, W, N) with filters (O, C, kh, kw), as (H', O, W', N)."""
    filters = len(w)
    height, width = windows[0].outputs, windows[1].outputs
    if 0 in (rows.size, w.size, height, width):
        z: Array = np.zeros((height, filters, width, rows.shape[-1]), rows.dtype)
    else:
        plan = plan_of(filters, rows.shape, windows, rows.itemsize)
        method = winograd_correlate if is_winograd(plan.windows) else _products
        z = method(framed(rows, plan.frame), w.astype(rows.dtype, copy=False), plan)
        z = np.ascontiguousarray(z[:height, :, :width])
    if bias is not None:  # a whole row at once, which is one long run
        z += bias.repeat(width * rows.shape[-1]).reshape(z.shape[1:])
    return z


def _products(image: Array, w: Array, plan: Plan) -> Array:
    """Return all outputs W P, in their places: (H', O, W', N)."""
    z = empty_tiles(len(w), image, plan)
    matrix = np.ascontiguousarray(w.transpose(0, 2, 3, 1)).reshape(len(w), -1)

    def fill(block: Views, pixels: Array) -> None:
        outputs, patches = block.tiles.of(z), block.patches.of(pixels)
        if outputs.shape[4] == 1:
            multiply(matrix, patches, _as_matrices(outputs))
        else:
            outputs[...] = product(matrix, patches).reshape(outputs.shape)

    for_each_block(fill, image, plan)
    return z


def _kernel_adjoint(deltas: Array, image: Array, plan: Plan) -> Array:
    """Return dW = (d outputs) P^T.

    If a row of a filter holds a LINE of numbers, the product is taken row by row: small matrices are faster. If there
    are as many filters it is taken the other way round, P (d outputs)^T: BLAS is slower on a transposed right factor,
    and the deltas are the smaller one to copy.
    """
    (down, right), filters, channels = plan.windows, deltas.shape[1], image.shape[1]
    width = right.kernel * channels
    rows, pixels = (down.kernel, width) if width >= LINE else (1, down.kernel * width)
    turned = filters >= LINE

    def gradient_of(block: Views, gathered: Array) -> Array:
        outputs = _as_matrices(block.tiles.of(deltas))[:, None]
        patches = block.patches.of(gathered).reshape(len(outputs), rows, pixels, -1)
        if turned:
            products = product(patches, np.ascontiguousarray(outputs.swapaxes(2, 3)))
        else:
            products = product(outputs, patches.swapaxes(2, 3))
        return products.sum(axis=0)

    gradient = sum_over_blocks(gradient_of, image, plan)
    matrix = gradient.transpose((2, 0, 1) if turned else (1, 0, 2)).reshape(filters, down.kernel, right.kernel, -1)
    return np.ascontiguousarray(matrix.transpose(0, 3, 1, 2))


def _as_matrices(outputs: Array) -> Array:
    """Return outputs (stack, O, 1, 1, groups, columns, N) as matrices (stack, O, rest); a view if of one group."""
    return outputs.reshape(*outputs.shape[:2], math.prod(outputs.shape[4:]))


# ------------------------------------------------------------------------------------------------- the input's adjoint


class _Phase(NamedTuple):
    """Pixels of an axis that meet the same weights, in `correlate_input_adjoint`."""

    pixels: slice
    weights: slice
    windows: Axis


@functools.lru_cache(maxsize=256)
def _phases(length: int, kernel: int, stride: int, before: int) -> tuple[_Phase, ...]:
    """Return the phases of an axis; pixels between windows that are further apart than wide belong to none."""
    phases = []
    for phase in range(min(stride, kernel)):
        first = (phase - before) % stride
        weights = len(range(phase, kernel, stride))
        start = (first + before - phase) // stride - (weights - 1)
        windows = Axis(start, len(range(first, length, stride)), weights, stride=1)
        phases.append(_Phase(slice(first, None, stride), slice(phase, None, stride), windows))
    return tuple(phases)


def _by_rows(deltas: Array, w: Array, windows: Windows) -> Array:
    """Return the gradient (H, C, W, N) with respect to the images of a correlation of stride 1, row by row.

    Notes
    -----
    A row of deltas reaches kh rows of the image, and what it adds to each is a correlation with filters of a single
    row: all of them together are kh C filters of 1 x kw. Their product is kh times as high as the one of `_correlate`
    and kh times less deep, which pays if C is small; and rows in the padding are not computed at all.
    """
    down, right = windows
    filters, channels, height, width = w.shape
    flat = w.transpose(2, 1, 0, 3)[:, :, :, ::-1].reshape(height * channels, filters, 1, width)
    image = memory.empty((down.outputs, channels, right.outputs, deltas.shape[-1]), deltas.dtype)
    image.fill(0)
    reached = Axis(-(down.start + height - 1), len(deltas), height, 1)
    for block in blocks_of_rows(len(deltas), image[:1].nbytes * height):
        rows = deltas[block]
        added = _correlate(rows, flat, None, (Axis(0, len(rows), 1, 1), right))
        added = added.reshape(len(added), height, *image.shape[1:])
        for p in range(height):
            delta_rows, image_rows = meeting(reached, p, len(image), range(block.start, block.stop))
            image[image_rows] += added[delta_rows.start - block.start : delta_rows.stop - block.start, p]
    return image


@functools.lru_cache(maxsize=256)
def _is_cheaper_by_rows(w: tuple[int, ...], windows: Windows, deltas: tuple[int, ...], itemsize: int) -> bool:
    filters, channels, height, _ = w
    rows, _, _, count = deltas
    down, right = windows
    if 0 in (*w, *deltas, down.outputs, right.outputs):
        return False
    flat = Axis(0, rows, 1, 1), right
    added = rows * height * channels * right.outputs * count
    calls = len(blocks_of_rows(rows, added // rows * itemsize)) * (height + 2)
    by_rows = cost(filters, height * channels, flat, count) + COPY * added + CALL * calls
    return by_rows < cost(filters, channels, tiled(filters, channels, windows, count), count)
