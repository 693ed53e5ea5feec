"""Correlation and pooling on arrays, each with its adjoints: where a network's time goes.

Images are (N, C, H, W) by their axes, but lie in memory as (H, C, W, N): a row of all maps and all images is one long
run. So elementwise operations and pools work on runs of at least N numbers, and a correlation needs little copying.

A correlation is a product of matrices, tile by tile. A *tile* is a small rectangle of outputs, and the *patch* of
pixels that it depends on is one column of a matrix P. With T, the matrix that maps a patch to its tile,

    tiles = T P.

T holds each filter once for each output of a tile, moved along with it, so the same weight comes back along diagonals:
T is *block-Toeplitz*. If a tile is one output, T is the filters themselves and the method is the one known as im2col.

P needs only few copies of a pixel. Its rows are ordered (p, q, c): down, across, channel. The pixels are gathered as

    G[y, q, c, (j, n)] = x[n, c, y, j s + q]     for all image rows y that a stack of tiles depends on,

where s is the step from tile to tile. The patches of the i-th row of tiles are then the image rows from i s on, which
lie behind each other: P is a part of G, without a copy. Where im2col copies each pixel kh kw times, G copies it kw
times. G is made for a block of tiles at a time, so that it stays in the cache until the products have used it.

The derivatives follow from tiles = T P. With respect to the filters it is (d tiles) P^T, summed along the diagonals of
T. With respect to the image it is once more a correlation, of the deltas with the filters turned round. For wide 3x3
filters T has three sparser factors, which is Winograd's algorithm: see `_winograd_factors`.

A large correlation is cut into parts, rows of tiles that several threads work on at once: see `_parts`. Its products
are done in pieces that BLAS multiplies in place, on the thread that asks for them: see `_multiply`.
"""

from __future__ import annotations

import functools
import itertools
import math
import operator
import threading
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from tinynet.kernels import memory
from tinynet.kernels.parallel import all_in_parallel
from tinynet.types import Array, Shape

Pair = tuple[int, int]
Padding = tuple[Pair, Pair]
Index = tuple[Any, ...]

NO_PADDING: Padding = ((0, 0), (0, 0))
BLOCK_BYTES = 1 << 20  # gathered or pooled at a time: half of a common second-level cache
STACK_BYTES = 1 << 22  # gathered at a time for products that outweigh the way to a third-level cache
SMALL_PRODUCT = 10**6  # multiply-adds that BLAS does in place and at once: no panels copied, no other threads woken
SMALL_COLUMNS = 64  # of such a product, if its factors allow
PART_WORK = 1.2e7  # multiply-adds in the time that it takes to hand a part of a correlation to another thread
MOST_PARTS = 4  # so many threads at most work on one correlation
BLOCK_COLUMNS = 512  # of a block: enough to keep a processor's arithmetic busy, few enough to stay in the cache
LINE = 16  # numbers of a product's side: as many as a processor's registers and cache lines hold
SCRATCH_BYTES = 1 << 23  # kept for each purpose by each thread
GROUPED_COLUMNS = 256  # what narrow images are brought to, side by side
# Tiles to choose from, and what copies and slower products cost, in multiply-adds or as a factor; see `_choice`. A call
# costs CALL.
TILES: tuple[Pair, ...] = ((1, 1), (2, 1), (2, 2), (4, 2), (4, 4))
COPY = 16
RUN = 16
FEW_ROWS = 2.5
ADJOINT = 1.5
CALL = 1e5
# Winograd's tiles for 3x3 filters, and where its polynomials are evaluated; see `_winograd_factors`.
WINOGRAD_TILES: tuple[Pair, ...] = ((4, 1), (4, 4))
WINOGRAD_POINTS = (0.0, 1.0, -1.0, 2.0, -2.0, math.inf)


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
    return out_of_memory_order(np.ascontiguousarray(in_memory_order(x)))


def in_memory_order(x: Array) -> Array:
    """See an array with its axes in the order of memory: images (N, C, H, W) as (H, C, W, N), anything else (..., N).

    Parameters
    ----------
    x : ndarray of shape (N, ...)
    """
    return _rows(x) if x.ndim == 4 else x.transpose(*range(1, x.ndim), 0)


def out_of_memory_order(x: Array) -> Array:
    """See an array in the order of memory with its batch axis first again: what `in_memory_order` undoes.

    Parameters
    ----------
    x : ndarray of shape (..., N)
    """
    return _images(x) if x.ndim == 4 else x.transpose(-1, *range(x.ndim - 1))


def empty_batch(batch: Shape, unit: Shape, dtype: DTypeLike, stack: Shape = ()) -> Array:
    """Return an array (*stack, *batch, *unit) of any values, each of whose batches lies as `batch_innermost` has it.

    Parameters
    ----------
    batch, unit : tuple of int
        Shape of the batch axes, and of one image or vector.
    dtype : dtype
    stack : tuple of int
        Axes in front of them, which vary slowest in memory too.
    """
    in_memory = (unit[1], unit[0], unit[2]) if len(unit) == 3 else unit
    values = memory.empty((*stack, *in_memory, *batch), dtype)
    return values.transpose(_batch_first(len(stack), len(unit), len(batch)))


@functools.lru_cache(maxsize=64)
def _batch_first(stack: int, unit: int, batch: int) -> tuple[int, ...]:
    """Return the axes of (stack, unit in the order of memory, batch) as (stack, batch, unit)."""
    order = (1, 0, 2) if unit == 3 else range(unit)
    return *range(stack), *range(stack + unit, stack + unit + batch), *(stack + axis for axis in order)


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
    windows = _windows(x.shape[2:], w.shape[2:], stride, padding)
    rows = np.ascontiguousarray(_rows(x), np.result_type(x, w))
    return _images(_correlate(rows, w, bias, windows))


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
    deltas = np.ascontiguousarray(_rows(dz), np.result_type(dz, w))
    down, right = (
        _phases(length, k, step, before)
        for length, k, step, (before, _) in zip(size, w.shape[2:], stride, padding, strict=True)
    )
    turned = w.swapaxes(0, 1)
    if stride == (1, 1):
        windows = down[0].windows, right[0].windows
        if _is_cheaper_by_rows(w.shape, windows, deltas.shape, deltas.itemsize):
            return _images(_by_rows(deltas, w, windows))
        return _images(_correlate(deltas, turned[:, :, ::-1, ::-1], None, windows))
    dx = np.zeros((size[0], w.shape[1], size[1], len(dz)), deltas.dtype)
    for rows, columns in itertools.product(down, right):
        weights = turned[:, :, rows.weights, columns.weights][:, :, ::-1, ::-1]
        dx[rows.pixels, :, columns.pixels] = _correlate(deltas, weights, None, (rows.windows, columns.windows))
    return _images(dx)


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
    dw[o,c,p,q] = sum over n,i,j of dz[n,o,i,j] x[n,c,s i + p,s j + q]. As tiles = T P, the gradient with respect to T
    is dT = (d tiles) P^T; a weight stands in T once for each output of a tile, and its gradient is the sum of those.
    """
    dtype = np.result_type(dz, x)
    deltas, rows = (np.ascontiguousarray(_rows(array), dtype) for array in (dz, x))
    filters, channels = dz.shape[1], x.shape[1]
    if 0 in (dz.size, x.size):
        return np.zeros((filters, channels, *size), dtype)
    windows = _windows(x.shape[2:], size, stride, padding)
    plan = _plan(filters, rows.shape, windows, dtype.itemsize, adjoint=True)
    down, right = plan.windows
    tiled = _extended(deltas, "deltas", down.tiles * down.tile, right.tiles * right.tile)
    method = _winograd_kernel_adjoint if plan.winograd else _toeplitz_kernel_adjoint
    return method(tiled, _seen(rows, plan.frame), plan)


class _Axis(NamedTuple):
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


Windows = tuple[_Axis, _Axis]


class _Phase(NamedTuple):
    """Pixels of an axis that meet the same weights, in `correlate_input_adjoint`."""

    pixels: slice
    weights: slice
    windows: _Axis


class _Block(NamedTuple):
    """Tiles that are worked on together, from a first row and column of tiles and a first image on.

    The rows of tiles in a stack share the pixels that they have in common, and are one product each. Several groups of
    such stacks stand side by side in the products, which makes wide products of narrow images.
    """

    row: int
    column: int
    image: int
    stack: int
    groups: int
    columns: int
    images: int


class _Layout(NamedTuple):
    """A view of a contiguous array: its shape, its first byte, and its strides in bytes."""

    shape: Shape
    corner: int
    strides: Shape

    def of(self, array: Array) -> Array:
        """Return the view: numpy's as_strided, but light and checked."""
        return np.ndarray(self.shape, array.dtype, array, self.corner, self.strides)


class _Views(NamedTuple):
    """Where what a block works on stands in memory."""

    pixels: _Layout  # of the image: what is gathered as G (rows, q, C, groups, columns, N)
    patches: _Layout  # of G: P (stack, (p,q,c), columns), for each row of the stack a part of G
    tiles: _Layout  # of all outputs (H', O, W', N): (stack, O, i, j, groups, columns, N)


class _Frame(NamedTuple):
    """Which rows and columns of the image windows see, where these stand among the zeros that they see as well."""

    rows: slice
    columns: slice
    height: int
    width: int
    top: int
    left: int


class _Plan(NamedTuple):
    """How to compute a correlation: in which tiles, with T or its factors, on which image, and in which blocks."""

    windows: Windows
    winograd: bool
    frame: _Frame | None  # none if the image holds all that windows see
    matrix: Pair  # rows and columns of T
    diagonals: _Layout  # of T: the places (i, j, o, c, p, q) of w[o,c,p,q], one for each output (i, j) of a tile
    parts: tuple[tuple[_Views, ...], ...]  # in blocks; several threads may work on different parts


@functools.lru_cache(maxsize=256)
def _windows(
    size: tuple[int, ...], kernel: tuple[int, ...], stride: Pair, padding: Padding, ceil: bool = False
) -> Windows:
    """Return where the windows of a correlation or pool stand, as single outputs."""
    down, right = (
        _Axis(-before, output_size(length, k, step, before, after, ceil), k, step)
        for length, k, step, (before, after) in zip(size, kernel, stride, padding, strict=True)
    )
    return down, right


@functools.lru_cache(maxsize=256)
def _phases(length: int, kernel: int, stride: int, before: int) -> tuple[_Phase, ...]:
    """Return the phases of an axis; pixels between windows that are further apart than wide belong to none."""
    phases = []
    for phase in range(min(stride, kernel)):
        first = (phase - before) % stride
        weights = len(range(phase, kernel, stride))
        start = (first + before - phase) // stride - (weights - 1)
        windows = _Axis(start, len(range(first, length, stride)), weights, stride=1)
        phases.append(_Phase(slice(first, None, stride), slice(phase, None, stride), windows))
    return tuple(phases)


def _correlate(rows: Array, w: Array, bias: Array | None, windows: Windows) -> Array:
    """Return the correlation of images (H, C, W, N) with filters (O, C, kh, kw), as (H', O, W', N)."""
    filters = len(w)
    height, width = windows[0].outputs, windows[1].outputs
    if 0 in (rows.size, w.size, height, width):
        z: Array = np.zeros((height, filters, width, rows.shape[-1]), rows.dtype)
    else:
        plan = _plan(filters, rows.shape, windows, rows.itemsize)
        method = _winograd_correlate if plan.winograd else _toeplitz_correlate
        z = method(_seen(rows, plan.frame), w.astype(rows.dtype, copy=False), plan)
        z = np.ascontiguousarray(z[:height, :, :width])
    if bias is not None:  # a whole row at once, which is one long run
        z += bias.repeat(width * rows.shape[-1]).reshape(z.shape[1:])
    return z


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
    reached = _Axis(-(down.start + height - 1), len(deltas), height, 1)
    for block in _blocks_of_rows(len(deltas), image[:1].nbytes * height):
        rows = deltas[block]
        added = _correlate(rows, flat, None, (_Axis(0, len(rows), 1, 1), right))
        added = added.reshape(len(added), height, *image.shape[1:])
        for p in range(height):
            delta_rows, image_rows = _meeting(reached, p, len(image), range(block.start, block.stop))
            image[image_rows] += added[delta_rows.start - block.start : delta_rows.stop - block.start, p]
    return image


def _blocks_of_rows(count: int, row_bytes: int) -> list[slice]:
    """Return equal parts of some rows, each as many as the cache holds."""
    rows = _equal_parts(count, BLOCK_BYTES // max(row_bytes, 1)) if count else 1
    return [slice(first, min(first + rows, count)) for first in range(0, count, rows)]


@functools.lru_cache(maxsize=256)
def _is_cheaper_by_rows(w: tuple[int, ...], windows: Windows, deltas: tuple[int, ...], itemsize: int) -> bool:
    filters, channels, height, _ = w
    rows, _, _, count = deltas
    down, right = windows
    if 0 in (*w, *deltas, down.outputs, right.outputs):
        return False
    flat = _Axis(0, rows, 1, 1), right
    added = rows * height * channels * right.outputs * count
    calls = len(_blocks_of_rows(rows, added // rows * itemsize)) * (height + 2)
    by_rows = _cost(filters, height * channels, flat, count, False) + COPY * added + CALL * calls
    tiled, winograd = _choice(filters, channels, windows, count)
    return by_rows < _cost(filters, channels, tiled, count, winograd)


def _seen(rows: Array, frame: _Frame | None, outside: float = 0.0) -> Array:
    """Return an image (H, C, W, N) that begins where windows do and holds all that they see, whatever is outside."""
    if frame is None:
        return rows
    inside = rows[frame.rows, :, frame.columns]
    return _extended(inside, "image", frame.height, frame.width, frame.top, frame.left, outside)


def _extended(
    rows: Array, purpose: str, height: int, width: int, top: int = 0, left: int = 0, outside: float = 0.0
) -> Array:
    """Return the image at (top, left) within what is outside, `height` x `width`; itself if that is its size."""
    if rows.shape[0] == height and rows.shape[2] == width:
        return np.ascontiguousarray(rows)
    extended = _scratch.array(purpose, (height, rows.shape[1], width, rows.shape[-1]), rows.dtype)
    extended.fill(outside)
    extended[top : top + rows.shape[0], :, left : left + rows.shape[2]] = rows
    return extended


# --------------------------------------------------------------------------------------------------- products of tiles


def _toeplitz_correlate(image: Array, w: Array, plan: _Plan) -> Array:
    """Return all tiles, T P, in their places: (H', O, W', N), with what hangs over."""
    z = _empty_tiles(len(w), image, plan)
    matrix = np.zeros(plan.matrix, w.dtype)
    plan.diagonals.of(matrix)[...] = w

    def fill(part: tuple[_Views, ...]) -> None:
        for block, pixels in _gathered(image, part):
            tiles, patches = block.tiles.of(z), block.patches.of(pixels)
            _, _, *tile, groups, _, _ = tiles.shape
            if math.prod(tile) == groups == 1:
                _multiply(matrix, patches, _as_matrices(tiles))
            else:
                tiles[...] = _product("products", matrix, patches).reshape(tiles.shape)

    all_in_parallel(fill, plan.parts)
    return z


def _toeplitz_kernel_adjoint(deltas: Array, image: Array, plan: _Plan) -> Array:
    """Return dT = (d tiles) P^T, summed over the places of each weight.

    If an image row of a patch holds a LINE of numbers, the product is taken row by row: small matrices are faster. If
    a tile holds a LINE of outputs it is taken the other way round, P (d tiles)^T: BLAS is slower on a transposed right
    factor, and tiles are the smaller one to copy.
    """
    outputs, pixels = plan.matrix
    rows = plan.windows[0].patch if pixels >= LINE * plan.windows[0].patch else 1
    turned = outputs >= LINE

    def gradient_of(part: tuple[_Views, ...]) -> Array:
        sides = (pixels // rows, outputs) if turned else (outputs, pixels // rows)
        gradient = np.zeros((rows, *sides), image.dtype)
        for block, gathered in _gathered(image, part):
            tiles = _as_matrices(block.tiles.of(deltas))[:, None]
            patches = block.patches.of(gathered).reshape(len(tiles), rows, pixels // rows, -1)
            products = _scratch.array("gradient", (len(tiles), *gradient.shape), image.dtype)
            if turned:
                _multiply(patches, np.ascontiguousarray(tiles.swapaxes(2, 3)), products)
            else:
                _multiply(tiles, patches.swapaxes(2, 3), products)
            gradient += products.sum(axis=0)
        return gradient

    gradient = functools.reduce(operator.iadd, all_in_parallel(gradient_of, plan.parts))
    matrix = np.ascontiguousarray(gradient.transpose((2, 0, 1) if turned else (1, 0, 2)))
    return np.ascontiguousarray(plan.diagonals.of(matrix).sum(axis=(0, 1)))


def _empty_tiles(filters: int, image: Array, plan: _Plan) -> Array:
    """Return memory for all tiles (H', O, W', N), with what hangs over."""
    down, right = plan.windows
    shape = (down.tiles * down.tile, filters, right.tiles * right.tile, image.shape[-1])
    return memory.empty(shape, image.dtype)


def _gathered(image: Array, part: tuple[_Views, ...]) -> Iterator[tuple[_Views, Array]]:
    """Yield each block with its pixels G (rows, q, C, groups, columns, N); all use the same memory."""
    for block in part:
        pixels = _scratch.array("pixels", block.pixels.shape, image.dtype)
        pixels[...] = block.pixels.of(image)
        yield block, pixels


def _as_matrices(tiles: Array) -> Array:
    """Return tiles as the factor (stack, (o,i,j), columns) of a product; a view if each is one output in one group."""
    return tiles.reshape(tiles.shape[0], math.prod(tiles.shape[1:4]), math.prod(tiles.shape[4:]))


# ----------------------------------------------------------------------------------------------------------- Winograd


def _winograd_correlate(image: Array, w: Array, plan: _Plan) -> Array:
    """Return all tiles (H', O, W', N), with what hangs over, by fewer multiplications; see `_winograd_factors`."""
    pixels_in, weights_in, outputs_from = _winograd_factors(plan.windows, image.dtype)
    filters, channels = w.shape[:2]
    points, depth = _points(plan.windows), _depth(plan.windows)
    taps = np.ascontiguousarray(w.reshape(filters, channels, -1, depth).transpose(2, 0, 3, 1))
    weights = _product("weights", weights_in, taps.reshape(len(taps), -1))
    weights = weights.reshape(points, 1, filters, depth * channels)
    z = _empty_tiles(filters, image, plan)

    def fill(part: tuple[_Views, ...]) -> None:
        for block, pixels in _gathered(image, part):
            patches = block.patches.of(pixels)
            stack, _, columns = patches.shape
            seen = _scratch.array("seen", (points, stack, depth * channels, columns), z.dtype)
            _transform(pixels_in, patches.reshape(stack, points, -1), seen.reshape(points, stack, -1).swapaxes(0, 1))
            products = _product("products", weights, seen).reshape(points, stack, -1).swapaxes(0, 1)
            tiles = block.tiles.of(z).transpose(0, 2, 3, 1, 4, 5, 6)
            if tiles[0].flags.c_contiguous:  # whole rows of the output
                _transform(outputs_from, products, tiles.reshape(stack, -1, filters * columns))
                continue
            outputs = _scratch.array("outputs", tiles.shape, z.dtype)
            _transform(outputs_from, products, outputs.reshape(stack, -1, filters * columns))
            if image.shape[-1] > 1:
                tiles[...] = outputs
            else:  # NumPy's innermost loop would go along the few columns of a tile
                for column in range(tiles.shape[2]):
                    tiles[:, :, column] = outputs[:, :, column]

    all_in_parallel(fill, plan.parts)
    return z


def _winograd_kernel_adjoint(deltas: Array, image: Array, plan: _Plan) -> Array:
    """Return the gradient with respect to the filters: each factor transposed, in the opposite order."""
    filters, channels = deltas.shape[1], image.shape[1]
    pixels_in, weights_in, outputs_from = _winograd_factors(plan.windows, image.dtype)
    points, outputs = _points(plan.windows), math.prod(axis.tile for axis in plan.windows)
    outputs_in = tuple(factor.T for factor in outputs_from)

    def gradient_of(part: tuple[_Views, ...]) -> Array:
        gradient = memory.empty((points, channels, filters), image.dtype)
        for number, (block, pixels) in enumerate(_gathered(image, part)):
            seen = _scratch.array("seen", (points, channels, pixels[0, 0, 0].size), image.dtype)
            _transform(pixels_in, pixels.reshape(points, -1), seen.reshape(points, -1))
            tiles = np.moveaxis(block.tiles.of(deltas)[0], 0, 2)
            if image.shape[-1] > 1:  # in runs of images first
                tiles = np.ascontiguousarray(tiles)
            tiles = np.ascontiguousarray(np.moveaxis(tiles, 2, -1))  # BLAS is slower on a transposed right factor
            products = _scratch.array("products", (points, seen.shape[-1], filters), image.dtype)
            _transform(outputs_in, tiles.reshape(outputs, -1), products.reshape(points, -1))
            if number == 0:
                _multiply(seen, products, gradient)
            else:
                gradient += _product("gradient", seen, products)
        return gradient

    gradient = functools.reduce(operator.iadd, all_in_parallel(gradient_of, plan.parts))
    dw = _product("weights", weights_in.T, gradient.swapaxes(0, 1))  # channel by channel: less to turn round
    kernel = [axis.kernel for axis in plan.windows]
    return dw.transpose(2, 0, 1).copy().reshape(filters, channels, *kernel)


def _transform(factors: Sequence[Array], values: Array, out: Array) -> None:
    """Write A or B, given by its factors of one axis or two, times values (..., points or pixels of a tile, the rest).

    The Kronecker product of two factors is first the one along the lines of the other, then the other: a third of the
    multiplications that it would take as a matrix.
    """
    *stack, length, rest = values.shape
    if len(factors) == 2:
        down, right = factors
        values = values.reshape(*stack, down.shape[1], length // down.shape[1] * rest)
        values = _product("transformed", down, values).reshape(*stack, len(down), right.shape[1], rest)
        out = out.reshape(*stack, len(down), len(right), rest)
    _multiply(factors[-1], values, out)


def _transformed_axes(windows: Windows) -> Sequence[_Axis]:
    """Return the axes that Winograd's factors work along: only down if a tile is a single column."""
    return windows if windows[1].tile > 1 else windows[:1]


def _depth(windows: Windows) -> int:
    """Return how many columns of a filter Winograd's products sum over: all if the factors leave columns alone."""
    return windows[1].kernel if windows[1].tile == 1 else 1


def _points(windows: Windows) -> int:
    """Return at how many points Winograd's polynomials are evaluated for a tile."""
    return math.prod(axis.patch for axis in _transformed_axes(windows))


@functools.lru_cache(maxsize=64)
def _winograd_factors(windows: Windows, dtype: np.dtype[Any]) -> tuple[tuple[Array, ...], Array, tuple[Array, ...]]:
    """Return B, G and A, so that tiles = A ((G w) * (B patches)): T in factors, of which only * knows the data.

    A and B are returned axis by axis, as `_transform` wants them.

    Notes
    -----
    On one axis, a tile y[i] = sum over p of w[p] x[i + p] is what the transpose of a multiplication of polynomials,
    w(t) times one of degree m - 1, does with x. Polynomials are multiplied by multiplying their values at
    m + k - 1 points, instead of m k coefficients: here t = 0, 1, -1, 2, -2 and, for the leading coefficient,
    infinity. So G takes values of w, A is the transpose of taking values of the other factor, and B is the transpose
    of interpolation: Lagrange's polynomial of a point a is the product of (t - b) / (a - b) over all other points b.
    The divisions are done in G. Both axes together are Kronecker products.

    A tile of 4x4 outputs of 3x3 filters takes 36 products for each channel and filter instead of 144; one of 4x1 takes
    18 instead of 36: to the right nothing is transformed, and the products sum over the filter's columns as T does.
    That multiplies more, but everything moves in runs as long as a row, and A puts out whole rows: few images, whose
    tiles of 4x4 are short runs, take half the time at best. The sums in A and B grow with the points, which costs about
    a decimal digit of accuracy for two axes, half of one for one.

    References
    ----------
    Winograd 1980, chapter V; Lavin and Gray 2016, section 4.
    """
    factors = [_winograd_axis(axis.tile, axis.kernel) for axis in _transformed_axes(windows)]
    pixels_in, weights_in, outputs_from = (
        tuple(factor.astype(dtype) for factor in of_axes) for of_axes in zip(*factors, strict=True)
    )
    return pixels_in, functools.reduce(np.kron, weights_in), outputs_from


def _winograd_axis(tile: int, kernel: int) -> tuple[Array, Array, Array]:
    finite = WINOGRAD_POINTS[: tile + kernel - 2]
    pixels_in = np.zeros((len(finite) + 1, len(finite) + 1))
    for row, point in enumerate(finite):
        pixels_in[row, :-1] = np.poly([other for other in finite if other != point])[::-1]
    pixels_in[-1] = np.poly(finite)[::-1]
    scale = [math.prod(point - other for other in finite if other != point) for point in finite]
    weights_in = _values(finite, kernel) / np.array([*scale, 1.0])[:, None]
    return pixels_in, weights_in, _values(finite, tile).T


def _values(points: tuple[float, ...], coefficients: int) -> Array:
    """Return the matrix from the coefficients of a polynomial to its values, and to the leading coefficient."""
    leading = np.eye(coefficients)[-1:]
    return np.concatenate([np.vander(points, coefficients, increasing=True), leading])


# --------------------------------------------------------------------------------------------------- choice of tiles


@functools.lru_cache(maxsize=256)
def _choice(channels: int, filters: int, windows: Windows, count: int, adjoint: bool = False) -> tuple[Windows, bool]:
    """Choose the tiles that cost least, and whether to use Winograd's factors of T.

    Notes
    -----
    The cost is counted in multiply-adds. A tile's product is M x K: M = O th tw outputs, K = C ph pw pixels. It takes
    (M + 1) K of them, one for fetching the pixels. To copy a number takes as long as COPY multiply-adds, and to begin
    a run of numbers as long as to copy RUN of them; so G costs what it holds, and a tile of more than one output
    costs its outputs once more, to put them in their places. Larger tiles gather less, pw / tw numbers for each pixel
    of an image row, and multiply more zeros, M K / (th tw O C kh kw) times what there is to multiply: few channels
    and filters want larger tiles, many want single outputs; and since patches share their rows anyway, single outputs
    win for all but the narrowest layers.

    Winograd's factors A, B and G have few rows, and products with them take FEW_ROWS times as long as their
    multiply-adds say. With T, those for the filters' gradient are many sums along the rows of both their factors, or
    need one of them turned, which takes ADJOINT times as long. Winograd's for the filters' gradient are done for whole
    tiles alone, transformed along both axes. Tiles of a single column cost nothing to put in their places: A's
    products are rows of the output.
    """
    choices = [(_with_tiles(windows, tile), False) for tile in TILES]
    if all((axis.kernel, axis.stride) == (3, 1) for axis in windows):
        choices += [(_with_tiles(windows, tile), True) for tile in WINOGRAD_TILES if tile[1] > 1 or not adjoint]

    def cost(choice: tuple[Windows, bool]) -> float:
        slower = ADJOINT if adjoint and not choice[1] else 1
        return slower * _cost(channels, filters, choice[0], count, choice[1])

    return min(choices, key=cost)


@functools.lru_cache(maxsize=256)
def _plan(filters: int, image: Shape, windows: Windows, itemsize: int, adjoint: bool = False) -> _Plan:
    """Lay out a correlation of an image (H, C, W, N) in memory: all that can be known before its numbers are."""
    height, channels, width, count = image
    tiled, winograd = _choice(channels, filters, windows, count, adjoint)
    frame = _frame(height, width, tiled)
    matrix, diagonals = _toeplitz(channels, filters, tiled, itemsize)
    numbers = BLOCK_BYTES // itemsize
    weights = _points(tiled) * _depth(tiled) * filters * channels if winograd else math.prod(matrix)
    if not winograd:
        columns, grouped, stacked = BLOCK_COLUMNS, GROUPED_COLUMNS, numbers
    elif _depth(tiled) > 1:
        columns, grouped, stacked = BLOCK_COLUMNS, LINE, STACK_BYTES // itemsize
    else:  # as many tiles as the cache holds, but no fewer than filters, so that fetching the filters pays; no stacks
        columns = grouped = max(numbers // (len(WINOGRAD_POINTS) ** 2 * max(filters, channels)), filters)
        stacked = 0
    seen = _strides((channels, frame.width if frame else width, count), itemsize)
    put = _strides((filters, tiled[1].tiles * tiled[1].tile, count), itemsize)
    parts = tuple(
        tuple(
            _views(block, channels, filters, tiled, seen, put)
            for block in _blocks(channels, tiled, rows, count, columns, grouped, stacked)
        )
        for rows in _parts(tiled[0].tiles, _cost(channels, filters, tiled, count, winograd), weights)
    )
    return _Plan(tiled, winograd, frame, matrix, diagonals, parts)


def _parts(rows: int, cost: float, weights: int) -> list[range]:
    """Cut the rows of tiles of a correlation into parts for several threads.

    Notes
    -----
    Each part takes PART_WORK to hand over, and fetches the filters as the products have them, so many `weights`; for
    the filters' gradient it makes a sum of its own, which is then added to that of the others. If this takes b, and
    all the rest a, p parts at once take a / p + p b, least at p = sqrt(a / b), rounded down to a power of two, so that
    two or four threads have equal shares. The cut does not depend on how many threads there are, and so no result does.
    """
    best = math.sqrt(cost / (PART_WORK + COPY * weights))
    height = -(-rows // min(1 << int(math.log2(max(best, 1))), MOST_PARTS))
    return [range(first, min(first + height, rows)) for first in range(0, rows, height)]


@functools.lru_cache(maxsize=256)
def _frame(height: int, width: int, windows: Windows) -> _Frame | None:
    """Return how windows reach beyond an image, if they do or begin within it."""
    (top, bottom), (left, right) = ((axis.start, axis.start + axis.extent) for axis in windows)
    if top == left == 0 and bottom <= height and right <= width:
        return None
    rows, columns = slice(max(top, 0), max(bottom, 0)), slice(max(left, 0), max(right, 0))
    return _Frame(rows, columns, bottom - top, right - left, max(-top, 0), max(-left, 0))


def _views(block: _Block, channels: int, filters: int, windows: Windows, seen: Shape, put: Shape) -> _Views:
    """Lay out a block on an image and on outputs of some strides."""
    down, right = windows
    row, channel, column, number = seen
    beside = block.groups, block.columns, block.images
    pixels = _Layout(
        ((block.stack - 1) * down.step + down.patch, right.patch, channels, *beside),
        block.row * down.step * row + block.column * right.step * column + block.image * number,
        (row, column, channel, block.stack * down.step * row, right.step * column, number),
    )
    columns = math.prod(beside)
    gathered_row, _, line, *_ = _strides(pixels.shape[1:], number)
    patches = _Layout(
        (block.stack, down.patch * right.patch * channels, columns), 0, (down.step * gathered_row, line, number)
    )
    row, filter_, column, number = put
    tile_row, tile_column = down.tile * row, right.tile * column
    tiles = _Layout(
        (block.stack, filters, down.tile, right.tile, *beside),
        block.row * tile_row + block.column * tile_column + block.image * number,
        (tile_row, filter_, row, column, block.stack * tile_row, tile_column, number),
    )
    return _Views(pixels, patches, tiles)


def _toeplitz(channels: int, filters: int, windows: Windows, itemsize: int) -> tuple[Pair, _Layout]:
    """Lay out T[(o,i,j), (p,q,c)] = w[o, c, p - s i, q - s j], which is 0 where there is no such weight."""
    down, right = windows
    size = filters * down.tile * right.tile, down.patch * right.patch * channels
    o, i, j, p, q, c = _strides((down.tile, right.tile, down.patch, right.patch, channels), itemsize)
    shape = (down.tile, right.tile, filters, channels, down.kernel, right.kernel)
    return size, _Layout(shape, 0, (i + down.stride * p, j + right.stride * q, o, c, p, q))


def _strides(inner: Shape, itemsize: int) -> Shape:
    """Return the strides in bytes of a contiguous array, given the lengths of all its axes but the first."""
    return tuple(math.prod(inner[axis:]) * itemsize for axis in range(len(inner) + 1))


def _blocks(
    channels: int, windows: Windows, rows: range, count: int, most_columns: int, grouped_columns: int, numbers: int
) -> Iterator[_Block]:
    """Yield blocks of some rows of tiles with at most `most_columns`, in stacks as high as `numbers` of pixels allow.

    Stacks are put side by side up to `grouped_columns`. A block has part of the images only if all are too many for
    one column of tiles: so (columns, images) always are one run.
    """
    down, right = windows
    images = _equal_parts(count, most_columns)
    columns = _equal_parts(right.tiles, most_columns // images)
    groups = _equal_parts(len(rows), grouped_columns // (images * columns))
    affordable = numbers // (right.patch * channels * groups * columns * images)
    tallest = max(min(len(rows) // groups, (affordable - down.patch) // down.step + 1), 1)
    for image, column in itertools.product(range(0, count, images), range(0, right.tiles, columns)):
        row = rows.start
        while row < rows.stop:
            stack = min(tallest, rows.stop - row)
            beside = min(groups, (rows.stop - row) // stack)
            yield _Block(
                row, column, image, stack, beside, min(columns, right.tiles - column), min(images, count - image)
            )
            row += stack * beside


def _equal_parts(total: int, most: int) -> int:
    """Return the size of equal parts of at most `most`; the last may be smaller."""
    return -(-total // -(-total // max(most, 1)))


def _with_tiles(windows: Windows, tile: Pair) -> Windows:
    down, right = (axis._replace(tile=size) for axis, size in zip(windows, tile, strict=True))
    return down, right


def _cost(channels: int, filters: int, windows: Windows, count: int, winograd: bool) -> float:
    """Return about how many multiply-adds a correlation takes as long as."""
    down, right = windows
    tiles = down.tiles * right.tiles * count
    outputs = down.tile * right.tile
    gathered_run, put_run = (
        count * right.tiles if step == 1 else count if count > 1 else right.tiles for step in (right.step, right.tile)
    )
    put = tiles * filters * outputs * (1 + RUN / put_run)
    gathered_row = right.tiles * right.patch * channels * count
    gather = gathered_row * (1 + RUN / gathered_run)
    if winograd:
        points, depth = _points(windows), _depth(windows)
        transformed = gathered_row * down.tiles * down.patch
        gather *= down.extent if depth > 1 else down.tiles * down.patch
        products = tiles * points * (filters + 1) * depth * channels
        along = sum(axis.patch for axis in _transformed_axes(windows))
        factors = FEW_ROWS * along * (transformed + tiles * outputs * filters)
        weights = 9 * (COPY + FEW_ROWS * points) * filters * channels
        return products + factors + weights + COPY * (gather + put * (right.tile > 1))
    patch = channels * down.patch * right.patch
    matrix = filters * outputs * patch
    return tiles * (filters * outputs + 1) * patch + COPY * (gather * down.extent + matrix + put * (outputs > 1))


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
        NaN where a window holds one.
    """
    return _pooled(np.maximum, x, _windows(x.shape[2:], size, stride, padding, ceil), -np.inf)


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
    axes = _windows(x.shape[2:], size, stride, padding, ceil)
    dx = empty_batch(dy.shape[:-3], x.shape[1:], dy.dtype)
    if _are_side_by_side(axes, x.shape[2:]):
        values, gradient = (_by_row_of_windows(_lined_up(array, dy.ndim), axes) for array in (x, dx))
        maxima, deltas = (_lined_up(array, dy.ndim) for array in (y, dy))
        for rows in _blocks_of_rows(len(maxima), values[:1].nbytes):
            wins = np.less(values[rows], _widened(maxima[rows], size))
            np.logical_not(wins, out=wins)
            if np.count_nonzero(wins) > maxima[rows].size:
                _keep_first(wins, size)
            np.multiply(_widened(deltas[rows], size), wins, out=gradient[rows])
        return _without_rest(dx, axes)
    dx[...] = 0
    undecided = np.ones_like(y, bool)
    for windows, pixels in _places(axes, x.shape[2:]):
        loses = np.less(x[pixels], y[windows])
        wins = np.greater(undecided[windows], loses)
        undecided[windows] &= loses
        dx[pixels] += dy[windows] * wins
    return dx


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
    total = _pooled(np.add, x, _windows(x.shape[2:], size, stride, padding, ceil), 0.0)
    return total / _counts(x.shape[2:], size, stride, padding, ceil).astype(x.dtype)


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
    axes = _windows(input_size, size, stride, padding, ceil)
    share = dy / _counts(input_size, size, stride, padding, ceil).astype(dy.dtype)
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
        window_rows, pixel_rows = _meeting(down, p, size[0], range(down.outputs))
        window_columns, pixel_columns = _meeting(right, q, size[1], range(right.outputs))
        places.append(((..., window_rows, window_columns), (..., pixel_rows, pixel_columns)))
    return tuple(places)


def _meeting(axis: _Axis, place: int, length: int, windows: range) -> tuple[slice, slice]:
    """Return which of the windows have a pixel at one of their places, and those pixels."""
    offset = axis.start + place
    first = max(windows.start, -(offset // axis.stride))
    last = max(min(windows.stop, (length - 1 - offset) // axis.stride + 1), first)
    begin = offset + first * axis.stride
    return slice(first, last), slice(begin, begin + (last - first) * axis.stride, axis.stride)


def _pooled(combine: np.ufunc, x: Array, axes: Windows, outside: float) -> Array:
    """Return what windows come to: the values of their rows put together first, which makes long runs, then columns."""
    (height, kh, down), (width, kw, right) = ((axis.outputs, axis.kernel, axis.stride) for axis in axes)
    image = _seen(_rows(x), _frame(x.shape[2], x.shape[3], axes), outside)
    pooled = memory.empty((height, image.shape[1], width, len(x)), x.dtype)
    for rows in _blocks_of_rows(height, image[:down].nbytes):
        begin, end = rows.start * down, (rows.stop - 1) * down + 1
        tall = _running(combine, [image[begin + p : end + p : down] for p in range(kh)])
        columns = [tall[:, :, q : (width - 1) * right + 1 + q : right] for q in range(kw)]
        _running(combine, columns, pooled[rows])
    return _images(pooled)


def _running(combine: np.ufunc, arrays: list[Array], out: Array | None = None) -> Array:
    total = combine(arrays[0], arrays[1], out=out) if len(arrays) > 1 else arrays[0]
    for array in arrays[2:]:
        combine(total, array, out=total)
    if out is not None and total is not out:
        out[...] = total
    return total


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


# ------------------------------------------------------------------------------------------------------------- memory


class _Scratch(threading.local):
    """Memory for what a kernel needs only while it runs, kept by each thread for the next call.

    Fresh memory is dear: the operating system hands it out page by page and fills it with zeros, which takes as long
    as the arithmetic. There is one array for each purpose, so two that are in use together need different ones.
    """

    def __init__(self) -> None:
        self.kept: dict[str, Array] = {}

    def array(self, purpose: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
        """Return an array of any values; one of more than SCRATCH_BYTES is not kept by the thread."""
        size = math.prod(shape) * dtype.itemsize
        if size > SCRATCH_BYTES:
            return memory.empty(shape, dtype)
        kept = self.kept.get(purpose)
        if kept is None or kept.size < size:
            kept = self.kept[purpose] = np.empty(size, np.uint8)
        return np.ndarray(shape, dtype, kept)


_scratch = _Scratch()


def _product(purpose: str, left: Array, right: Array) -> Array:
    """Return left @ right, in scratch memory."""
    product = _scratch.array(purpose, (*right.shape[:-2], left.shape[-2], right.shape[-1]), right.dtype)
    _multiply(left, right, product)
    return product


def _multiply(left: Array, right: Array, out: Array) -> None:
    """Write left @ right, in pieces of at most SMALL_PRODUCT multiply-adds unless the factors are too deep for that.

    Notes
    -----
    BLAS copies the factors of a large product into panels and wakes threads of its own, which then wait for more to do
    on the processors that ours want. Pieces are small enough for it to do neither, and two of our threads are as fast
    as its two on one large product: faster if the product is narrow, when the panels would be used only a few times.
    With a transposed right factor it has no way without panels, and wakes threads for a quarter of the work.
    """
    rows, depth, columns = left.shape[-2], left.shape[-1], right.shape[-1]
    most = SMALL_PRODUCT if right.strides[-1] == right.itemsize else SMALL_PRODUCT // 4
    if rows * depth * columns <= most:
        np.matmul(left, right, out=out)
        return
    for (down, height), (across, width) in _cuts(rows, depth, columns, most):
        factors = _in_pieces(left[..., down, :], height, depth), _in_pieces(right[..., across], depth, width)
        np.matmul(*factors, out=_in_pieces(out[..., down, across], height, width))


def _in_pieces(matrix: Array, height: int, width: int) -> Array:
    """See matrices (..., rows, columns) as (..., pieces down, pieces across, height, width)."""
    *stack, rows, columns = matrix.shape
    return matrix.reshape(*stack, rows // height, height, columns // width, width).swapaxes(-2, -3)


@functools.lru_cache(maxsize=256)
def _cuts(rows: int, depth: int, columns: int, most: int) -> list[tuple[tuple[slice, int], tuple[slice, int]]]:
    """Return which rows and columns of a product to cut into pieces, of what height and width: most, and the rest."""
    width = min(max(most // (rows * depth) // LINE * LINE, SMALL_COLUMNS), columns)
    while width > LINE and most // (width * depth) < min(rows, LINE):
        width //= 2
    width = min(-(-_equal_parts(columns, width) // LINE) * LINE, columns)
    height = most // (width * depth)
    if height < min(rows, LINE):
        height, width = rows, columns
    sides = []
    for length, piece in ((rows, _equal_parts(rows, height)), (columns, width)):
        whole = length // piece * piece
        side = [(slice(0, whole), piece), (slice(whole, length), length - whole)]
        sides.append([cut for cut in side if cut[1]])
    return list(itertools.product(*sides))


def _rows(images: Array) -> Array:
    """See images (N, C, H, W) in the order of memory, (H, C, W, N)."""
    return images.transpose(2, 1, 3, 0)


def _images(rows: Array) -> Array:
    """See an array (H, C, W, N) as images (N, C, H, W)."""
    return rows.transpose(3, 1, 0, 2)
