"""What happens when parts of an image are covered: one patch after the other (occlusion), or many at once (RISE)."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinynet.arguments import boolean, finite_number, generator, how_often, whole_number, wrong
from tinynet.explain.attribution.nearby import Nearby
from tinynet.explain.attribution.path import baseline_of
from tinynet.explain.attribution.question import Question
from tinynet.explain.attribution.result import Attribution
from tinynet.network import Network
from tinynet.signatures import checked
from tinynet.types import Array, Shape


@checked
def occlusion(
    net: Network,
    x: ArrayLike,
    target: int | str | ArrayLike,
    of: str = "logit",
    *,
    size: int | tuple[int, ...] = 5,
    stride: int | tuple[int, ...] = 1,
    replace: ArrayLike = 0.0,
    layer: str = "input",
    batch_size: int | None = None,
) -> Attribution:
    """Return how much a prediction falls when a patch is covered, on the mean over all patches that cover a value.

    Parameters
    ----------
    net : Network
        A classifier.
    x : array_like of shape (N, *input_shape)
        Images.
    target : int, array_like of shape (N,) or "all"
        The class asked about.
    of : {"logit", "probability", "log_probability", "margin"}
        Which prediction.
    size, stride : int or tuple of int
        Of the patches, and from one to the next: one number for height and width (for a vector, its values), or one
        for each of the last axes. A patch covers all channels unless there are three numbers. The last patch of a
        line ends at the edge; what no patch covers gets 0.
    replace : float or array_like
        What covers: one number, an image, or one for each image.
    layer : str
        Whose values are covered; the pixels if not given.
    batch_size : int, optional
        Images worked through at a time.

    Returns
    -------
    Attribution
        Positive where covering lowers the prediction. With patches of one value on a network that is linear, this is
        gradient times (x - replace).

    References
    ----------
    Zeiler and Fergus 2014, section 4.2.
    """
    question = Question(net, x, target, of, layer=layer, batch_size=batch_size)
    shape = question.x.shape[1:]
    extent = _lengths("size", size, shape)
    corners = _corners(shape, extent, _lengths("stride", stride, shape, of_step=True))
    patches = [tuple(map(slice, corner, corner + extent)) for corner in corners]
    cover = baseline_of(replace, question.x, "replace")
    counts: Array = np.zeros(shape)
    for patch in patches:
        counts[patch] += 1
    nearby = Nearby(question, extent)

    def work(rows: slice) -> tuple[Array]:
        whole = question.value(question.x[rows], question.classes(rows))
        total: Array = np.zeros((*whole.shape, *shape))
        for index in range(rows.stop - rows.start):
            image = slice(rows.start + index, rows.start + index + 1)
            for some, points in nearby.covered(question.x[image][0], cover[image][0], corners):
                falls = whole[..., index, None] - nearby.behind.values_at(points, question.classes(image))[..., 0, :]
                for patch, fall in zip(patches[some], np.moveaxis(falls, -1, 0), strict=True):
                    place: tuple[Any, ...] = (..., index, *patch)
                    total[place] += fall.reshape(*fall.shape, *[1] * len(shape))
        return ((total / np.maximum(counts, 1)).astype(question.x.dtype),)

    (values,) = question.collected(work, len(corners))
    return Attribution(values, f"occlusion, {len(corners)} patches", of)


@checked
def rise(
    net: Network,
    x: ArrayLike,
    target: int | str | ArrayLike,
    of: str = "probability",
    *,
    samples: int = 1000,
    rng: int | np.random.Generator = 0,
    kept: float = 0.5,
    cells: int = 7,
    replace: ArrayLike = 0.0,
    centred: bool = True,
    batch_size: int | None = None,
) -> Attribution:
    """Return how much higher a prediction is where a pixel is kept, over random soft masks (RISE).

    Parameters
    ----------
    net, x, target, of, batch_size
        As in :func:`occlusion`; the probability if nothing is said, as in the paper.
    samples : int
        Number of masks, the same for all images.
    rng : int or numpy.random.Generator
        Draws the masks.
    kept : float
        Share p of the cells that a mask keeps.
    cells : int
        Cells along the shorter side of the coarse grid that a mask is enlarged from.
    replace : float or array_like
        What stands where nothing is kept.
    centred : bool
        Whether the mean prediction is taken off first. Without, a prediction that never changes gives noise instead of
        nothing.
    batch_size : int, optional
        Masked images worked through at a time.

    Returns
    -------
    Attribution
        With its standard error. Every channel of a pixel has the same value.

    Notes
    -----
    mean over masks M of (f - mean f) M / p, f at M x + (1 - M) x'. A mask is a grid of zeros and ones, enlarged
    bilinearly to one cell more than the image and cropped at random, so that its expectation is p everywhere.

    References
    ----------
    Petsiuk et al. 2018, section 3.
    """
    count = how_often("samples", samples, 2)
    share, coarse = finite_number("kept", kept, above=0, below=1), whole_number("cells", cells, 1)
    boolean("centred", centred)
    question = Question(net, x, target, of, batch_size=batch_size)
    if len(net.input_shape) != 3:
        raise ValueError(
            f"rise: inputs have shape {net.input_shape}, expected images of shape (channels, height, width)"
        )
    cover = baseline_of(replace, question.x, "replace")
    size = net.input_shape[1:]
    masks = random_masks(count, size, share, coarse, generator(rng)).astype(question.x.dtype)

    def work(rows: slice) -> tuple[Array, Array]:
        seen, covered, classes = question.x[rows, None], cover[rows, None], question.classes(rows)
        found = []
        for some in question.several(count, seen.shape[0]):
            soft = masks[some][None, :, None]
            found.append(question.values_at(covered + soft * (seen - covered), classes))
        heights = np.concatenate(found, axis=-1).astype(np.float64)
        if centred:
            heights = heights - heights.mean(axis=-1, keepdims=True)
        flat = masks.reshape(count, -1) / share
        mean = heights @ flat / count
        square = np.square(heights) @ np.square(flat) / count
        error = np.sqrt(np.maximum(square - mean**2, 0) / (count - 1))
        shape = (*heights.shape[:-1], *net.input_shape)
        mean, error = (array.reshape(*heights.shape[:-1], 1, *size) for array in (mean, error))
        return np.broadcast_to(mean, shape).astype(seen.dtype), np.broadcast_to(error, shape).astype(seen.dtype)

    values, error = question.collected(work, count)
    return Attribution(values, f"RISE, {count} masks", of, error=error)


def random_masks(count: int, size: tuple[int, ...], kept: float, cells: int, rng: np.random.Generator) -> Array:
    """Return soft random masks: coarse grids of zeros and ones, enlarged and cropped at random.

    Parameters
    ----------
    count : int
        How many masks.
    size : pair of int
        Height and width.
    kept : float
        Expectation of each value of a mask.
    cells : int
        Along the shorter side.
    rng : numpy.random.Generator
        Draws the grids and where they are cropped.

    Returns
    -------
    ndarray of shape (count, height, width)
        From 0 to 1.
    """
    cell = max(math.ceil(min(size) / cells), 1)
    grid = tuple(math.ceil(length / cell) + 2 for length in size)
    coarse = (rng.random((count, *grid)) < kept).astype(np.float64)
    starts = rng.integers(cell, size=(count, 2))
    masks = np.empty((count, *size))
    for mask, cells_of_mask, start in zip(masks, coarse, starts, strict=True):
        down, right = (
            _interpolation(length, cell, offset, n) for length, offset, n in zip(size, start, grid, strict=True)
        )
        mask[...] = down @ cells_of_mask @ right.T
    return masks


def _interpolation(length: int, cell: int, offset: int, cells: int) -> Array:
    """Return the weights of each cell at each pixel, linear between the centres of neighbouring cells."""
    places = (np.arange(length) + offset + 0.5) / cell
    return np.maximum(1 - np.abs(places[:, None] - np.arange(cells)), 0)


def _lengths(what: str, value: int | tuple[int, ...], shape: tuple[int, ...], of_step: bool = False) -> tuple[int, ...]:
    """Return one length for each axis of an input; axes that none is given for are covered whole."""
    given = tuple(value) if isinstance(value, (tuple, list)) else (value,) * min(len(shape), 2)
    if not 1 <= len(given) <= len(shape):
        raise wrong(what, value, f"a whole number, or up to {len(shape)} of them")
    lengths = tuple(whole_number(what, length, 1) for length in given)
    whole = shape[: len(shape) - len(given)]
    found = (*whole, *lengths)
    if not of_step and any(length > full for length, full in zip(found, shape, strict=True)):
        raise wrong(what, value, f"a patch that fits into {shape}")
    return found


def _corners(shape: Shape, size: Shape, stride: Shape) -> NDArray[np.int64]:
    """Return where each patch begins, (S, axes); the last of a line ends at the edge."""
    lasts = [length - extent for length, extent in zip(shape, size, strict=True)]
    return np.array(list(product(*[[*range(0, last, step), last] for last, step in zip(lasts, stride, strict=True)])))
