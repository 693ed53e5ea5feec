"""Winograd's algorithm for 3x3 filters: fewer multiplications for more sums, worth it in wide layers.

The tiles of a correlation are a product of a matrix T, which holds the filters, with patches of pixels. T has three
sparser factors: tiles = A ((G w) * (B patches)), of which only the product * meets both filters and pixels, and only
that is done for each filter *and* channel. See `winograd_factors`.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from tinynet.kernels import memory
from tinynet.kernels.gather import empty_tiles, for_each_block, sum_over_blocks
from tinynet.kernels.plan import Plan, Views, depth_of, points_of, transformed_axes
from tinynet.kernels.products import multiply, product
from tinynet.kernels.windows import Windows
from tinynet.types import Array

POINTS = (0.0, 1.0, -1.0, 2.0, -2.0, math.inf)  # where polynomials are evaluated


def winograd_correlate(image: Array, w: Array, plan: Plan) -> Array:
    """Return all tiles (H', O, W', N), with what hangs over.

    Parameters
    ----------
    image : ndarray of shape (H, C, W, N)
        All that windows see.
    w : ndarray of shape (O, C, 3, 3)
    plan : Plan
    """
    pixels_in, weights_in, outputs_from = winograd_factors(plan.windows, image.dtype)
    filters, channels = w.shape[:2]
    points, depth = points_of(plan.windows), depth_of(plan.windows)
    taps = np.ascontiguousarray(w.reshape(filters, channels, -1, depth).transpose(2, 0, 3, 1))
    weights = product(weights_in, taps.reshape(len(taps), -1)).reshape(points, 1, filters, depth * channels)
    z = empty_tiles(filters, image, plan)

    def fill(block: Views, pixels: Array) -> None:
        patches = block.patches.of(pixels)
        stack, _, columns = patches.shape
        seen = memory.empty((points, stack, depth * channels, columns), z.dtype)
        _transform(pixels_in, patches.reshape(stack, points, -1), seen.reshape(points, stack, -1).swapaxes(0, 1))
        products = product(weights, seen).reshape(points, stack, -1).swapaxes(0, 1)
        tiles = block.tiles.of(z).transpose(0, 2, 3, 1, 4, 5, 6)
        if tiles[0].flags.c_contiguous:  # whole rows of the output
            _transform(outputs_from, products, tiles.reshape(stack, -1, filters * columns))
            return
        outputs = memory.empty(tiles.shape, z.dtype)
        _transform(outputs_from, products, outputs.reshape(stack, -1, filters * columns))
        if image.shape[-1] > 1:
            tiles[...] = outputs
        else:  # NumPy's innermost loop would go along the few columns of a tile
            for column in range(tiles.shape[2]):
                tiles[:, :, column] = outputs[:, :, column]

    for_each_block(fill, image, plan)
    return z


def winograd_kernel_adjoint(deltas: Array, image: Array, plan: Plan) -> Array:
    """Return the gradient with respect to the filters: each factor transposed, in the opposite order.

    Parameters
    ----------
    deltas : ndarray of shape (H', O, W', N)
        With zeros where tiles hang over.
    image : ndarray of shape (H, C, W, N)
        All that windows see.
    plan : Plan
    """
    filters, channels = deltas.shape[1], image.shape[1]
    pixels_in, weights_in, outputs_from = winograd_factors(plan.windows, image.dtype)
    points, outputs = points_of(plan.windows), math.prod(axis.tile for axis in plan.windows)
    outputs_in = tuple(factor.T for factor in outputs_from)

    def gradient_of(block: Views, pixels: Array) -> Array:
        seen = memory.empty((points, channels, pixels[0, 0, 0].size), image.dtype)
        _transform(pixels_in, pixels.reshape(points, -1), seen.reshape(points, -1))
        tiles = np.moveaxis(block.tiles.of(deltas)[0], 0, 2)
        if image.shape[-1] > 1:  # in runs of images first
            tiles = np.ascontiguousarray(tiles)
        tiles = np.ascontiguousarray(np.moveaxis(tiles, 2, -1))  # BLAS is slower on a transposed right factor
        products = memory.empty((points, seen.shape[-1], filters), image.dtype)
        _transform(outputs_in, tiles.reshape(outputs, -1), products.reshape(points, -1))
        return product(seen, products)

    gradient = sum_over_blocks(gradient_of, image, plan)
    dw = product(weights_in.T, gradient.swapaxes(0, 1))  # channel by channel: less to turn round
    return dw.transpose(2, 0, 1).copy().reshape(filters, channels, 3, 3)


def _transform(factors: Sequence[Array], values: Array, out: Array) -> None:
    """Write A or B, given by its factors of one axis or two, times values (..., points or pixels of a tile, the rest).

    The Kronecker product of two factors is first the one along the lines of the other, then the other: a third of the
    multiplications that it would take as a matrix.
    """
    *stack, length, rest = values.shape
    if len(factors) == 2:
        down, right = factors
        values = values.reshape(*stack, down.shape[1], length // down.shape[1] * rest)
        values = product(down, values).reshape(*stack, len(down), right.shape[1], rest)
        out = out.reshape(*stack, len(down), len(right), rest)
    multiply(factors[-1], values, out)


@functools.lru_cache(maxsize=64)
def winograd_factors(windows: Windows, dtype: np.dtype[Any]) -> tuple[tuple[Array, ...], Array, tuple[Array, ...]]:
    """Return B, G and A, so that tiles = A ((G w) * (B patches)).

    A and B are returned axis by axis, as `_transform` wants them.

    Parameters
    ----------
    windows : pair of Axis
        In their tiles.
    dtype : dtype

    Notes
    -----
    On one axis, a tile y[i] = sum over p of w[p] x[i + p] is what the transpose of a multiplication of polynomials,
    w(t) times one of degree m - 1, does with x. Polynomials are multiplied by multiplying their values at
    m + k - 1 points, instead of m k coefficients: here t = 0, 1, -1, 2, -2 and, for the leading coefficient,
    infinity. So G takes values of w, A is the transpose of taking values of the other factor, and B is the transpose
    of interpolation: Lagrange's polynomial of a point a is the product of (t - b) / (a - b) over all other points b.
    The divisions are done in G. Both axes together are Kronecker products.

    A tile of 4x4 outputs of 3x3 filters takes 36 products for each channel and filter instead of 144; one of 4x1 takes
    18 instead of 36: to the right nothing is transformed, and the products sum over the filter's columns as usual.
    That multiplies more, but everything moves in runs as long as a row, and A puts out whole rows: few images, whose
    tiles of 4x4 are short runs, take half the time at best. The sums in A and B grow with the points, which costs about
    a decimal digit of accuracy for two axes, half of one for one.

    References
    ----------
    Winograd 1980, chapter V; Lavin and Gray 2016, section 4.
    """
    factors = [_factors_of_axis(axis.tile, axis.kernel) for axis in transformed_axes(windows)]
    pixels_in, weights_in, outputs_from = (
        tuple(factor.astype(dtype) for factor in of_axes) for of_axes in zip(*factors, strict=True)
    )
    return pixels_in, functools.reduce(np.kron, weights_in), outputs_from


def _factors_of_axis(tile: int, kernel: int) -> tuple[Array, Array, Array]:
    finite = POINTS[: tile + kernel - 2]
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
