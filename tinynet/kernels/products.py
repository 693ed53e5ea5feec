"""Products of matrices in pieces that BLAS multiplies in place, on the thread that asks for them."""

from __future__ import annotations

import functools
import itertools

import numpy as np

from tinynet.kernels import memory
from tinynet.kernels.windows import equal_parts
from tinynet.types import Array

SMALL_PRODUCT = 10**6  # multiply-adds that BLAS does in place and at once: no panels copied, no other threads woken
SMALL_COLUMNS = 64  # of such a product, if its factors allow
LINE = 16  # numbers of a product's side: as many as a processor's registers and cache lines hold


def product(left: Array, right: Array) -> Array:
    """Return left @ right, on memory that is used again.

    Parameters
    ----------
    left, right : ndarray
        As in `multiply`; the axes in front of one of them are those of the product.
    """
    stack = max(left.shape[:-2], right.shape[:-2])
    out = memory.empty((*stack, left.shape[-2], right.shape[-1]), right.dtype)
    multiply(left, right, out)
    return out


def multiply(left: Array, right: Array, out: Array) -> None:
    """Write left @ right, in pieces of at most SMALL_PRODUCT multiply-adds unless the factors are too deep for that.

    Parameters
    ----------
    left, right, out : ndarray
        Matrices (..., rows, depth), (..., depth, columns) and (..., rows, columns).

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
    for (down, height), (across, width) in cuts(rows, depth, columns, most):
        factors = _in_pieces(left[..., down, :], height, depth), _in_pieces(right[..., across], depth, width)
        np.matmul(*factors, out=_in_pieces(out[..., down, across], height, width))


def _in_pieces(matrix: Array, height: int, width: int) -> Array:
    """See matrices (..., rows, columns) as (..., pieces down, pieces across, height, width)."""
    *stack, rows, columns = matrix.shape
    return matrix.reshape(*stack, rows // height, height, columns // width, width).swapaxes(-2, -3)


@functools.lru_cache(maxsize=256)
def cuts(rows: int, depth: int, columns: int, most: int) -> list[tuple[tuple[slice, int], tuple[slice, int]]]:
    """Return which rows and columns of a product to cut into pieces, of what height and width: most, and the rest.

    Parameters
    ----------
    rows, depth, columns : int
        Of the factors.
    most : int
        Multiply-adds of a piece.
    """
    width = min(max(most // (rows * depth) // LINE * LINE, SMALL_COLUMNS), columns)
    while width > LINE and most // (width * depth) < min(rows, LINE):
        width //= 2
    width = min(-(-equal_parts(columns, width) // LINE) * LINE, columns)
    height = most // (width * depth)
    if height < min(rows, LINE):
        height, width = rows, columns
    sides = []
    for length, piece in ((rows, equal_parts(rows, height)), (columns, width)):
        whole = length // piece * piece
        side = [(slice(0, whole), piece), (slice(whole, length), length - whole)]
        sides.append([cut for cut in side if cut[1]])
    return list(itertools.product(*sides))
