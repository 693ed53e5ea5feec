"""Every kernel once more, as the plain loops that say what it means. Read this file first.

Nothing here is fast, and nothing here is clever: a window slides over the images, and numbers are added up one by one,
for all images at once. The functions take the same arguments as their fast twins, which the tests compare with them.

An array of images is (N, C, H, W): images, channels, rows, columns. `dz` or `dy` is the gradient of some number with
respect to an output, and an *adjoint* turns it into the gradient with respect to an input.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from tinynet.kernels.windows import NO_PADDING, Padding, Pair
from tinynet.types import Array


def correlate(
    x: Array, w: Array, bias: Array | None = None, *, stride: Pair = (1, 1), padding: Padding = NO_PADDING
) -> Array:
    """Return the cross-correlation of images with filters: each output is the sum of a window times a filter.

    Parameters
    ----------
    x : ndarray of shape (N, C, H, W)
    w : ndarray of shape (O, C, kh, kw)
    bias : ndarray of shape (O,), optional
    stride, padding : as in `windows`
    """
    size = x.shape[2:]
    rows, columns = output_size(size, w.shape[2:], stride, padding)
    z = np.zeros((len(x), len(w), rows, columns), np.result_type(x, w))
    for (i, j), pixels in windows(size, w.shape[2:], stride, padding):
        for o in range(len(w)):
            z[:, o, i, j] = 0 if bias is None else bias[o]
            for c in range(x.shape[1]):
                for (p, q), (row, column) in pixels:
                    z[:, o, i, j] += w[o, c, p, q] * x[:, c, row, column]
    return z


def correlate_input_adjoint(
    dz: Array, w: Array, *, size: tuple[int, ...], stride: Pair = (1, 1), padding: Padding = NO_PADDING
) -> Array:
    """Return the gradient with respect to the images: every output hands its delta back through the filter it used.

    Parameters
    ----------
    dz : ndarray of shape (N, O, H', W')
    w : ndarray of shape (O, C, kh, kw)
    size : pair of int
        Height H and width W of the images.
    stride, padding : as in `windows`
    """
    dx = np.zeros((len(dz), w.shape[1], *size), np.result_type(dz, w))
    for (i, j), pixels in windows(size, w.shape[2:], stride, padding):
        for o, c in np.ndindex(w.shape[:2]):
            for (p, q), (row, column) in pixels:
                dx[:, c, row, column] += w[o, c, p, q] * dz[:, o, i, j]
    return dx


def correlate_kernel_adjoint(
    dz: Array, x: Array, *, size: Pair, stride: Pair = (1, 1), padding: Padding = NO_PADDING
) -> Array:
    """Return the gradient with respect to the filters: a weight is used at every place of every image, and all add up.

    Parameters
    ----------
    dz : ndarray of shape (N, O, H', W')
    x : ndarray of shape (N, C, H, W)
    size : pair of int
        Height kh and width kw of the filters.
    stride, padding : as in `windows`
    """
    dw = np.zeros((dz.shape[1], x.shape[1], *size), np.result_type(dz, x))
    for (i, j), pixels in windows(x.shape[2:], size, stride, padding):
        for o, c in np.ndindex(dw.shape[:2]):
            for (p, q), (row, column) in pixels:
                dw[o, c, p, q] += (dz[:, o, i, j] * x[:, c, row, column]).sum()
    return dw


def max_pool(x: Array, *, size: Pair, stride: Pair, padding: Padding = NO_PADDING, ceil: bool = False) -> Array:
    """Return the largest value of each window; padding never wins.

    Parameters
    ----------
    x : ndarray of shape (N, C, H, W)
    size, stride, padding, ceil : as in `windows`
    """
    y = np.zeros((*x.shape[:2], *output_size(x.shape[2:], size, stride, padding, ceil=ceil)), x.dtype)
    for n, c in np.ndindex(x.shape[:2]):
        for (i, j), pixels in windows(x.shape[2:], size, stride, padding, ceil=ceil):
            y[n, c, i, j] = x[n, c][_winner(x[n, c], pixels)]
    return y


def max_pool_adjoint(
    dy: Array, x: Array, y: Array, *, size: Pair, stride: Pair, padding: Padding = NO_PADDING, ceil: bool = False
) -> Array:
    """Return the gradient with respect to the images: the winner of a window takes its whole delta, others nothing.

    Parameters
    ----------
    dy : ndarray of shape (..., N, C, H', W')
    x : ndarray of shape (N, C, H, W)
    y : ndarray of shape (N, C, H', W')
        Not needed here: who wins is found again.
    size, stride, padding, ceil : as in `windows`
    """
    dx = np.zeros((*dy.shape[:-4], *x.shape), dy.dtype)
    for n, c in np.ndindex(x.shape[:2]):
        for (i, j), pixels in windows(x.shape[2:], size, stride, padding, ceil=ceil):
            row, column = _winner(x[n, c], pixels)
            dx[..., n, c, row, column] += dy[..., n, c, i, j]
    return dx


def _winner(image: Array, pixels: list[tuple[Pair, Pair]]) -> Pair:
    """Return the place of the largest pixel; of several the first in reading order, and what is no number wins."""
    _, winner = pixels[0]
    for _, place in pixels[1:]:
        if image[place] > image[winner] or (np.isnan(image[place]) and not np.isnan(image[winner])):
            winner = place
    return winner


def average_pool(x: Array, *, size: Pair, stride: Pair, padding: Padding = NO_PADDING, ceil: bool = False) -> Array:
    """Return the mean of each window; padding counts as zeros, what hangs over beyond it does not count.

    Parameters
    ----------
    x : ndarray of shape (N, C, H, W)
    size, stride, padding, ceil : as in `windows`
    """
    y = np.zeros((*x.shape[:2], *output_size(x.shape[2:], size, stride, padding, ceil=ceil)), x.dtype)
    for (i, j), pixels in windows(x.shape[2:], size, stride, padding, ceil=ceil):
        for _, (row, column) in pixels:
            y[..., i, j] += x[..., row, column]
        y[..., i, j] /= _places((i, j), x.shape[2:], size, stride, padding)
    return y


def average_pool_adjoint(
    dy: Array,
    *,
    input_size: tuple[int, ...],
    size: Pair,
    stride: Pair,
    padding: Padding = NO_PADDING,
    ceil: bool = False,
) -> Array:
    """Return the gradient with respect to the images: a window of n places hands 1 / n of its delta to each of them.

    Parameters
    ----------
    dy : ndarray of shape (..., C, H', W')
    input_size : pair of int
        Height H and width W of the images.
    size, stride, padding, ceil : as in `windows`
    """
    dx = np.zeros((*dy.shape[:-2], *input_size), dy.dtype)
    for (i, j), pixels in windows(input_size, size, stride, padding, ceil=ceil):
        for _, (row, column) in pixels:
            dx[..., row, column] += dy[..., i, j] / dy.dtype.type(_places((i, j), input_size, size, stride, padding))
    return dx


def _places(window: Pair, size: tuple[int, ...], kernel: Pair, stride: Pair, padding: Padding) -> int:
    """Return how many places of the image and its padding a window holds."""
    count = 1
    for index, length, k, step, (before, after) in zip(window, size, kernel, stride, padding, strict=True):
        count *= sum(index * step + p < before + length + after for p in range(k))
    return count


def evaluate(formula: Callable[..., Array], *arrays: Array) -> Array:
    """Return a formula of each number by itself: simply, the formula."""
    return formula(*arrays)


def only_where(mask: Array, values: Array) -> Array:
    """Return the values where a mask is true, and 0 elsewhere."""
    return np.where(mask, values, values.dtype.type(0))


def windows(
    size: tuple[int, ...], kernel: tuple[int, ...], stride: Pair, padding: Padding, *, ceil: bool = False
) -> Iterator[tuple[Pair, list[tuple[Pair, Pair]]]]:
    """Yield each window's place (i, j) and its pixels, in reading order: their place (p, q) in it, and in the image.

    Parameters
    ----------
    size, kernel, stride : pair of int
        Height and width of the image and of the window, and the steps from one window to the next, down and right.
    padding : pair of pair of int
        Rows above and below, columns left and right; pixels there are left out.
    ceil : bool
        Whether last windows may hang over the edge.
    """
    (top, _), (left, _) = padding
    for i, j in np.ndindex(output_size(size, kernel, stride, padding, ceil=ceil)):
        pixels = []
        for p, q in np.ndindex(kernel[0], kernel[1]):
            row, column = i * stride[0] + p - top, j * stride[1] + q - left
            if 0 <= row < size[0] and 0 <= column < size[1]:
                pixels.append(((p, q), (row, column)))
        yield (i, j), pixels


def output_size(
    size: tuple[int, ...], kernel: tuple[int, ...], stride: Pair, padding: Padding, *, ceil: bool = False
) -> Pair:
    """Return how many windows there are, down and right: try one after the other until one does not fit.

    Parameters
    ----------
    size, kernel, stride, padding, ceil : as in `windows`
        With `ceil` a window fits if all before it fit and left pixels over, and it begins on the image or in the
        padding before it.
    """
    counts = []
    for length, k, step, (before, after) in zip(size, kernel, stride, padding, strict=True):
        end, count = before + length + after, 0
        while count * step + k <= end:
            count += 1
        reached = (count - 1) * step + k if count else 0
        if ceil and reached < end and count * step < before + length:
            count += 1
        counts.append(count)
    return counts[0], counts[1]
