"""How a correlation is computed, decided before its numbers are known: by which method, in which blocks and parts.

A *tile* is a small rectangle of outputs that are computed together, and its *patch* the pixels that they depend on. The
plain method has tiles of one output, Winograd's has larger ones.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tinynet.kernels.layout import Layout, contiguous_strides
from tinynet.kernels.products import LINE
from tinynet.kernels.windows import BLOCK_BYTES, Axis, Frame, Pair, Windows, equal_parts, frame_of
from tinynet.types import Shape

STACK_BYTES = 1 << 22  # gathered at a time for products that outweigh the way to a third-level cache
BLOCK_COLUMNS = 512  # of a block: enough to keep a processor's arithmetic busy, few enough to stay in the cache
GROUPED_COLUMNS = 256  # what narrow images are brought to, side by side
PART_WORK = 1.2e7  # multiply-adds in the time that it takes to hand a part of a correlation to another thread
MOST_PARTS = 4  # so many threads at most work on one correlation
WINOGRAD_TILES: tuple[Pair, ...] = ((4, 1), (4, 4))  # to choose from, for 3x3 filters
# What copies and slower products cost, in multiply-adds or as a factor; see `tiled`.
COPY = 16
RUN = 16
FEW_ROWS = 2.5
ADJOINT = 1.5


class Block(NamedTuple):
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


class Views(NamedTuple):
    """Where what a block works on stands in memory."""

    pixels: Layout  # of the image: what is gathered as G (rows, q, C, groups, columns, N)
    patches: Layout  # of G: P (stack, (p,q,c), columns), for each row of the stack a part of G
    tiles: Layout  # of all outputs (H', O, W', N): (stack, O, i, j, groups, columns, N)


class Plan(NamedTuple):
    """How to compute a correlation: in which tiles, on which image, and in which blocks."""

    windows: Windows
    frame: Frame | None  # none if the image holds all that windows see
    parts: tuple[tuple[Views, ...], ...]  # in blocks; several threads may work on different parts
    room: int  # numbers in the largest block's pixels


def is_winograd(windows: Windows) -> bool:
    """Return whether the windows are grouped into tiles of several outputs."""
    return windows[0].tile > 1


def transformed_axes(windows: Windows) -> Sequence[Axis]:
    """Return the axes that Winograd's factors work along: only down if a tile is a single column."""
    return windows if windows[1].tile > 1 else windows[:1]


def depth_of(windows: Windows) -> int:
    """Return how many columns of a filter Winograd's products sum over: all if the factors leave columns alone."""
    return windows[1].kernel if windows[1].tile == 1 else 1


def points_of(windows: Windows) -> int:
    """Return at how many points Winograd's polynomials are evaluated for a tile."""
    return math.prod(axis.patch for axis in transformed_axes(windows))


@functools.lru_cache(maxsize=256)
def tiled(channels: int, filters: int, windows: Windows, count: int, *, adjoint: bool = False) -> Windows:
    """Return the windows in the tiles that cost least: single outputs, or those of Winograd's algorithm.

    Parameters
    ----------
    channels, filters, count : int
        Of the images, and how many images there are.
    windows : pair of Axis
        Of single outputs.
    adjoint : bool
        Whether the gradient with respect to the filters is wanted.

    Notes
    -----
    The cost is counted in multiply-adds. For M filters on patches of K pixels an output takes (M + 1) K of them, one
    for fetching each pixel. To copy a number takes as long as COPY multiply-adds, and to begin a run of numbers as long
    as to copy RUN of them; so G costs what it holds.

    Winograd's factors A, B and G have few rows, and products with them take FEW_ROWS times as long as their
    multiply-adds say; so do tiles that must be put in their places. The plain products for the filters' gradient are
    many sums along the rows of both their factors, or need one of them turned, which takes ADJOINT times as long.
    Winograd's are done for whole tiles alone then, transformed along both axes.
    """
    choices = [windows]
    if all((axis.kernel, axis.stride) == (3, 1) for axis in windows):
        choices += [with_tiles(windows, tile) for tile in WINOGRAD_TILES if tile[1] > 1 or not adjoint]

    def cost_of(choice: Windows) -> float:
        return cost(channels, filters, choice, count) * (ADJOINT if adjoint and choice is windows else 1)

    return min(choices, key=cost_of)


def with_tiles(windows: Windows, tile: Pair) -> Windows:
    """Return the same windows in tiles.

    Parameters
    ----------
    windows : pair of Axis
    tile : pair of int
        Outputs down and across.
    """
    down, right = (axis._replace(tile=size) for axis, size in zip(windows, tile, strict=True))
    return down, right


def cost(channels: int, filters: int, windows: Windows, count: int) -> float:
    """Return about how many multiply-adds a correlation takes as long as.

    Parameters
    ----------
    channels, filters, count : int
        Of the images, and how many images there are.
    windows : pair of Axis
        In their tiles.
    """
    down, right = windows
    tiles = down.tiles * right.tiles * count
    gathered_row = right.tiles * right.patch * channels * count
    gather = gathered_row * (1 + RUN / _run(right, right.step, count))
    if not is_winograd(windows):
        weights = filters * channels * down.kernel * right.kernel
        return tiles * (weights + weights // filters) + COPY * (gather * down.extent + weights)
    points, depth = points_of(windows), depth_of(windows)
    outputs = tiles * down.tile * right.tile * filters
    gather *= down.extent if depth > 1 else down.tiles * down.patch
    put = outputs * (1 + RUN / _run(right, right.tile, count)) if right.tile > 1 else 0
    products = tiles * points * (filters + 1) * depth * channels
    along = sum(axis.patch for axis in transformed_axes(windows))
    factors = FEW_ROWS * along * (gathered_row * down.tiles * down.patch + outputs)
    weights_in = 9 * (COPY + FEW_ROWS * points) * filters * channels
    return products + factors + weights_in + COPY * (gather + put)


def _run(right: Axis, step: int, count: int) -> int:
    """Return how many numbers lie side by side in a row of which each `step`-th pixel is taken."""
    return count * right.tiles if step == 1 else count if count > 1 else right.tiles


@functools.lru_cache(maxsize=256)
def plan_of(filters: int, image: Shape, windows: Windows, itemsize: int, *, adjoint: bool = False) -> Plan:
    """Lay out a correlation of an image (H, C, W, N) in memory.

    Parameters
    ----------
    filters : int
    image : tuple of int
        Shape (H, C, W, N).
    windows : pair of Axis
        Of single outputs.
    itemsize : int
        Bytes of a number.
    adjoint : bool
        Whether the gradient with respect to the filters is wanted.
    """
    height, channels, width, count = image
    windows = tiled(channels, filters, windows, count, adjoint=adjoint)
    frame = frame_of(height, width, windows)
    numbers = BLOCK_BYTES // itemsize
    columns, grouped, stacked = BLOCK_COLUMNS, GROUPED_COLUMNS, numbers
    weights = filters * channels * windows[0].kernel * windows[1].kernel
    if is_winograd(windows):
        weights = points_of(windows) * depth_of(windows) * filters * channels
        if depth_of(windows) > 1:
            grouped, stacked = LINE, STACK_BYTES // itemsize
        else:  # as many tiles as the cache holds, but no fewer than filters, so that fetching the filters pays
            columns = grouped = max(numbers // (36 * max(filters, channels)), filters)
            stacked = 0
    seen = contiguous_strides((channels, frame.width if frame else width, count), itemsize)
    put = contiguous_strides((filters, windows[1].tiles * windows[1].tile, count), itemsize)
    parts = tuple(
        tuple(
            _views(block, channels, filters, windows, seen, put)
            for block in blocks(channels, windows, rows, count, columns, grouped, stacked)
        )
        for rows in parts_of(windows[0].tiles, cost(channels, filters, windows, count), weights)
    )
    return Plan(windows, frame, parts, max(math.prod(block.pixels.shape) for part in parts for block in part))


def parts_of(rows: int, cost: float, weights: int) -> list[range]:
    """Cut the rows of tiles of a correlation into parts for several threads.

    Parameters
    ----------
    rows : int
        Number of rows of tiles.
    cost : float
        Of the correlation, in multiply-adds.
    weights : int
        How many numbers each part fetches or adds up for itself.

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


def blocks(
    channels: int, windows: Windows, rows: range, count: int, most_columns: int, grouped_columns: int, numbers: int
) -> Iterator[Block]:
    """Yield blocks of some rows of tiles with at most `most_columns`, in stacks as high as `numbers` of pixels allow.

    Stacks are put side by side up to `grouped_columns`. A block has part of the images only if all are too many for
    one column of tiles: so (columns, images) always are one run.

    Parameters
    ----------
    channels, count : int
        Of the images, and how many images there are.
    windows : pair of Axis
        In their tiles.
    rows : range
        Of tiles.
    most_columns, grouped_columns, numbers : int
        Limits of a block.
    """
    down, right = windows
    images = equal_parts(count, most_columns)
    columns = equal_parts(right.tiles, most_columns // images)
    groups = equal_parts(len(rows), grouped_columns // (images * columns))
    affordable = numbers // (right.patch * channels * groups * columns * images)
    tallest = max(min(len(rows) // groups, (affordable - down.patch) // down.step + 1), 1)
    for image, column in itertools.product(range(0, count, images), range(0, right.tiles, columns)):
        row = rows.start
        while row < rows.stop:
            stack = min(tallest, rows.stop - row)
            beside = min(groups, (rows.stop - row) // stack)
            yield Block(
                row, column, image, stack, beside, min(columns, right.tiles - column), min(images, count - image)
            )
            row += stack * beside


def _views(block: Block, channels: int, filters: int, windows: Windows, seen: Shape, put: Shape) -> Views:
    """Lay out a block on an image and on outputs of some strides."""
    down, right = windows
    row, channel, column, number = seen
    beside = block.groups, block.columns, block.images
    pixels = Layout(
        ((block.stack - 1) * down.step + down.patch, right.patch, channels, *beside),
        block.row * down.step * row + block.column * right.step * column + block.image * number,
        (row, column, channel, block.stack * down.step * row, right.step * column, number),
    )
    columns = math.prod(beside)
    gathered_row, _, line, *_ = contiguous_strides(pixels.shape[1:], number)
    patches = Layout(
        (block.stack, down.patch * right.patch * channels, columns), 0, (down.step * gathered_row, line, number)
    )
    row, filter_, column, number = put
    tile_row, tile_column = down.tile * row, right.tile * column
    tiles = Layout(
        (block.stack, filters, down.tile, right.tile, *beside),
        block.row * tile_row + block.column * tile_column + block.image * number,
        (tile_row, filter_, row, column, block.stack * tile_row, tile_column, number),
    )
    return Views(pixels, patches, tiles)
