"""Shapley values: what each player adds to a prediction, on the mean over all orders in which they could come."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinynet.arguments import generator, how_often, whole_number, wrong
from tinynet.explain.attribution.affine import Front, Sums
from tinynet.explain.attribution.path import baseline_of
from tinynet.explain.attribution.question import Question
from tinynet.explain.attribution.result import Attribution
from tinynet.network import Network, chunks
from tinynet.signatures import checked
from tinynet.types import Array

Worth = Callable[[NDArray[np.bool_]], Array]  # from coalitions (S, players) to predictions (..., n, S)
MOST_EXACT = 12  # players, whose 4,096 coalitions are all counted out
MOST_ADDED = 32  # players whose parts are added up behind the first layers; with more these layers are less work
BLOCK = 1 << 22  # bytes of coalitions among which repetitions are looked for


@checked
def shapley_values(
    net: Network,
    x: ArrayLike,
    target: int | str | ArrayLike,
    of: str = "logit",
    *,
    players: ArrayLike | str | None = None,
    baseline: ArrayLike = 0.0,
    samples: int = 100,
    rng: int | np.random.Generator = 0,
    batch_size: int | None = None,
) -> Attribution:
    """Return the Shapley value of each player: a patch, a part of a face, a filter or a unit.

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
    players : array_like of int, or str, optional
        An array of the shape of one input that names each value's player, such as a map of patches or of the parts of
        a face; or a layer's name, whose units (filters of feature maps) are the players. If not given, patches in
        three rows and columns of an image, or each value of a vector.
    baseline : float or array_like
        What stands in the place of players that are absent: one number, one input, or one for each; for the units of
        a layer, of that layer's output.
    samples : int
        With more than 12 players, pairs of an order and its reverse that are drawn; with fewer, all coalitions are
        counted out.
    rng : int or numpy.random.Generator
        Draws the orders, the same for all images.
    batch_size : int, optional
        Changed images worked through at a time.

    Returns
    -------
    Attribution
        Of the shape of the inputs, each value with its player's; for the units of a layer of shape (..., N, units).
        Players add up to f(x) - f(baseline) in every single order, so `remainder` is rounding. With its standard error
        where orders are drawn.

    Raises
    ------
    ValueError
        If there are no such players, or no such layer.

    Notes
    -----
    phi_i = mean over orders of f(those before i, and i) - f(those before i). Over all orders a coalition S of the m
    players comes before i with weight |S|! (m - |S| - 1)! / m!. An order and its reverse make one draw: what i adds
    early in one, it adds late in the other, so most of the spread between orders cancels.

    References
    ----------
    Shapley 1953; Castro et al. 2009, for sampling; Mitchell et al. 2022, section 3.1, for reversed orders.

    Examples
    --------
    >>> import numpy as np, tinynet as tn
    >>> net = tn.Network([tn.Dense(2)], input_shape=(3,), dtype=np.float64)
    >>> x = np.array([[1.0, 2.0, 3.0]])
    >>> np.allclose(tn.explain.shapley_values(net, x, 1), net["dense1"].params["W"][1] * x)
    True
    """
    of_units = isinstance(players, str)
    question = Question(
        net, x, target, of, layer=players if isinstance(players, str) else "input", batch_size=batch_size
    )
    names, member = _members(players, question.x.shape[1:])
    absent = baseline_of(baseline, question.x)
    count, pairs, draw = len(names), how_often("samples", samples, 2), generator(rng)
    exact = count <= MOST_EXACT
    orders = None if exact else np.array([draw.permutation(count) for _ in range(pairs)])
    front = Front(question)

    def work(rows: slice) -> tuple[Array, ...]:
        present, gone, classes = question.x[rows], absent[rows], question.classes(rows)
        sums = Sums(*front.parts(present, gone, member, count)) if count <= MOST_ADDED else None

        def worth(coalitions: NDArray[np.bool_]) -> Array:
            """Return the prediction (..., n, coalitions) when only the players of each coalition are there."""
            found = []
            for some in question.several(len(coalitions), len(present)):
                there = coalitions[some]
                if sums is None:
                    points = np.where(there[:, member], present[:, None], gone[:, None])
                    found.append(question.values_at(points, classes))
                else:
                    found.append(front.behind.values_at(sums(there), classes))
            return np.concatenate(found, axis=-1).astype(np.float64)

        values, error = _counted_out(worth, count) if orders is None else _drawn(worth, orders)
        ends = worth(np.array([[False] * count, [True] * count]))
        return values, error, ends[..., 1] - ends[..., 0]

    values, error, explained = question.collected(work, 1 << count if exact else 2 * pairs)
    total = values.sum(axis=-1)
    how = f"all 2^{count} coalitions" if exact else f"{pairs} pairs of orders"
    if not of_units:
        values, error = values[..., member], error[..., member]
    dtype = question.x.dtype
    return Attribution(
        values.astype(dtype),
        f"Shapley values of {count} players, {how}",
        of,
        explained,
        total,
        error=None if exact else error.astype(dtype),
    )


@checked
def grid(shape: tuple[int, ...], rows: int, columns: int | None = None) -> NDArray[np.int64]:
    """Return players of an image: patches in rows and columns, the same for all channels.

    Parameters
    ----------
    shape : tuple of int
        Of one input, (channels, height, width).
    rows, columns : int
        How many patches, down and across; as many across as down if not given.

    Returns
    -------
    ndarray of shape (channels, height, width)
        The number of each value's patch, from 0.

    Examples
    --------
    >>> grid((1, 2, 4), 1, 2)
    array([[[0, 0, 1, 1],
            [0, 0, 1, 1]]])
    """
    if len(shape) != 3:
        raise wrong("shape", shape, "that of images, (channels, height, width)")
    _, height, width = shape
    down = whole_number("rows", rows, 1, height)
    across = min(down, width) if columns is None else whole_number("columns", columns, 1, width)
    row, column = np.arange(height) * down // height, np.arange(width) * across // width
    return np.broadcast_to(row[:, None] * across + column, shape).astype(np.int64)


def _members(players: ArrayLike | str | None, shape: tuple[int, ...]) -> tuple[Array, NDArray[np.int64]]:
    """Return the names of the players, and for each value the number of its player."""
    if isinstance(players, str):
        units = np.arange(shape[0]).reshape(-1, *[1] * (len(shape) - 1))
        named = np.broadcast_to(units, shape)
    elif players is None:
        named = grid(shape, min(3, *shape[1:])) if len(shape) == 3 else np.arange(math.prod(shape)).reshape(shape)
    else:
        named = np.asarray(players)
    if named.shape != shape or named.dtype.kind not in "iu":
        raise wrong("players", players, f"whole numbers of shape {shape}, or the name of a layer")
    names, member = np.unique(named, return_inverse=True)
    return names, member.reshape(shape)


def _counted_out(worth: Worth, count: int) -> tuple[Array, Array]:
    """Return the values from all coalitions, and errors of zero."""
    numbers = np.arange(1 << count)
    heights = worth((numbers[:, None] >> np.arange(count) & 1).astype(bool))
    sizes = np.array([bin(number).count("1") for number in numbers])
    weights = np.array([1 / (count * math.comb(count - 1, size)) for size in range(count)])
    values = []
    for player in range(count):
        without = numbers[numbers >> player & 1 == 0]
        values.append((heights[..., without | 1 << player] - heights[..., without]) @ weights[sizes[without]])
    found = np.stack(values, axis=-1)
    return found, np.zeros_like(found)


def _drawn(worth: Worth, orders: NDArray[np.int64]) -> tuple[Array, Array]:
    """Return the mean over drawn orders and their reverses, and its standard error over the pairs."""
    count, players = orders.shape
    total, square = np.zeros(()), np.zeros(())
    for some in chunks(count, max(BLOCK // (2 * players * (players + 1)), 1)):
        ranks = np.argsort(np.stack([orders[some], orders[some, ::-1]]), axis=-1)  # (2, orders, players)
        there = ranks[..., None, :] < np.arange(players + 1)[:, None]
        coalitions, place = np.unique(there.reshape(-1, players), axis=0, return_inverse=True)
        heights = worth(coalitions)[..., place.reshape(there.shape[:-1])]
        rises = np.take_along_axis(np.diff(heights), np.broadcast_to(ranks, (*heights.shape[:-1], players)), axis=-1)
        pairs = rises.mean(axis=-3)
        total, square = total + pairs.sum(axis=-2), square + np.square(pairs).sum(axis=-2)
    mean = total / count
    return mean, np.sqrt(np.maximum(square / count - mean**2, 0) / (count - 1))
