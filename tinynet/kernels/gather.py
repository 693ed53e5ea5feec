"""Block by block through an image: the pixels that a product needs are copied side by side, and used at once."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterator

import numpy as np

from tinynet.kernels import memory
from tinynet.kernels.parallel import all_in_parallel
from tinynet.kernels.plan import Plan, Views
from tinynet.types import Array


def empty_tiles(filters: int, image: Array, plan: Plan) -> Array:
    """Return memory for all tiles (H', O, W', N), with what hangs over.

    Parameters
    ----------
    filters : int
    image : ndarray of shape (H, C, W, N)
    plan : Plan
    """
    down, right = plan.windows
    return memory.empty((down.tiles * down.tile, filters, right.tiles * right.tile, image.shape[-1]), image.dtype)


def for_each_block(work: Callable[[Views, Array], None], image: Array, plan: Plan) -> None:
    """Do some work on each block and its pixels G, several threads at once.

    Parameters
    ----------
    work : callable
        From a block and its pixels (rows, q, C, groups, columns, N), which are overwritten afterwards.
    image : ndarray of shape (H, C, W, N)
    plan : Plan
    """

    def work_on(part: tuple[Views, ...]) -> None:
        for block, pixels in _gathered(image, part, plan.room):
            work(block, pixels)

    all_in_parallel(work_on, plan.parts)


def sum_over_blocks(work: Callable[[Views, Array], Array], image: Array, plan: Plan) -> Array:
    """Return the sum of what each block and its pixels G come to, several threads at once.

    Parameters
    ----------
    work : callable
        From a block and its pixels to an array of its own.
    image : ndarray of shape (H, C, W, N)
    plan : Plan
    """

    def sum_of(part: tuple[Views, ...]) -> Array:
        return functools.reduce(
            operator.iadd, (work(block, pixels) for block, pixels in _gathered(image, part, plan.room))
        )

    return functools.reduce(operator.iadd, all_in_parallel(sum_of, plan.parts))


def _gathered(image: Array, part: tuple[Views, ...], room: int) -> Iterator[tuple[Views, Array]]:
    """Yield each block with its pixels; all use the same memory."""
    place = memory.empty((room,), image.dtype)
    for block in part:
        pixels: Array = np.ndarray(block.pixels.shape, image.dtype, place)
        pixels[...] = block.pixels.of(image)
        yield block, pixels
