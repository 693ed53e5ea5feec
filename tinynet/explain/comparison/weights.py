"""The weights of one layer through training: what each did, how far all moved, and whether rows and columns stand out.

All functions take the snapshots of one parameter: a list of arrays, or what `tinynet.WeightHistory` kept in memory or
on disk. They are read once, in blocks, so that a layer may be as large as memory allows for its statistics alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import generator, real_array, wrong
from tinynet.notebook import ShownInBrief
from tinynet.signatures import checked
from tinynet.types import Array

BLOCK = 1 << 14  # weights worked on at a time, in float64


@dataclass(frozen=True, eq=False, repr=False)
class WeightStatistics(ShownInBrief):
    """What each weight of a layer did in the course of training.

    Attributes
    ----------
    count : int
        Snapshots.
    mean, variance : ndarray of float64
        Over the snapshots; the variance is divided by their number.
    low, high : ndarray
        The least and the largest value, in the type of the weights.
    """

    count: int
    mean: Array
    variance: Array
    low: Array
    high: Array


@checked
def weight_statistics(snapshots: Sequence[ArrayLike]) -> WeightStatistics:
    """Return mean, variance and range of each weight, from one pass over the snapshots.

    Parameters
    ----------
    snapshots : sequence of array_like
        A parameter at several times, all of one shape.

    Raises
    ------
    ValueError
        If there is no snapshot, or they differ in shape.

    Notes
    -----
    With d the distance of the n-th value from the mean of those before it, the mean moves by d / n and the sum of
    squared distances grows by d^2 (n - 1) / n. Both are kept in float64: a mean of squares less the square of the mean
    loses everything where weights move little. Besides the four arrays of the result nothing of their size is held.

    References
    ----------
    Meniconi et al., section 3 (figures 3.5 to 3.10); Chan, Golub and LeVeque 1983, eq. 2.1.
    """
    first = _checked(snapshots)
    shape, dtype = first.shape, first.dtype
    mean, squares = np.zeros(first.size), np.zeros(first.size)
    low, high = np.full(first.size, np.inf, dtype), np.full(first.size, -np.inf, dtype)
    for number, values in enumerate(_flat(snapshots), start=1):
        for part in _blocks(first.size):
            weights = values[part]
            np.minimum(low[part], weights, out=low[part])
            np.maximum(high[part], weights, out=high[part])
            distance = weights - mean[part]
            mean[part] += distance / number
            squares[part] += distance * distance * ((number - 1) / number)
    squares /= len(snapshots)
    return WeightStatistics(len(snapshots), *(array.reshape(shape) for array in (mean, squares, low, high)))


@checked
def combined_statistics(one: WeightStatistics, other: WeightStatistics) -> WeightStatistics:
    """Return the statistics of two parts of a history from those of each.

    Parameters
    ----------
    one, other : WeightStatistics
        Of weights of the same shape.

    Notes
    -----
    With n_a and n_b snapshots and d = mean_b - mean_a, the sums of squared distances add up to
    M = M_a + M_b + d^2 n_a n_b / n.

    References
    ----------
    Chan, Golub and LeVeque 1983, eq. 2.1.
    """
    if one.mean.shape != other.mean.shape:
        raise ValueError(f"got statistics of weights of the shapes {one.mean.shape} and {other.mean.shape}")
    count = one.count + other.count
    share, distance = other.count / count, other.mean - one.mean
    return WeightStatistics(
        count,
        one.mean + share * distance,
        (1 - share) * one.variance + share * other.variance + distance * distance * (share * (1 - share)),
        np.minimum(one.low, other.low),
        np.maximum(one.high, other.high),
    )


@dataclass(frozen=True, eq=False, repr=False)
class WeightMovement(ShownInBrief):
    """How far the weights of a layer moved, one number a snapshot.

    Attributes
    ----------
    mean, absolute_mean, variance : ndarray of shape (S,)
        Mean of w, mean of the size of w, and variance of w, over all weights at that time.
    norm : ndarray of shape (S,)
        The root of the sum of squares.
    update : ndarray of shape (S,)
        Norm of the difference from the snapshot before; 0 for the first.
    update_ratio : ndarray of shape (S,)
        `update` over the norm of the snapshot before; NaN where that is 0.
    distance : ndarray of shape (S,)
        Norm of the difference from the first snapshot.
    cosine_to_start, cosine_to_end : ndarray of shape (S,)
        Of the angle to the first and the last snapshot; NaN where either is 0.
    """

    mean: Array
    absolute_mean: Array
    variance: Array
    norm: Array
    update: Array
    update_ratio: Array
    distance: Array
    cosine_to_start: Array
    cosine_to_end: Array


@checked
def weight_movement(snapshots: Sequence[ArrayLike]) -> WeightMovement:
    """Return norms, updates and angles of a layer's weights at each snapshot.

    Parameters
    ----------
    snapshots : sequence of array_like
        A parameter at several times, all of one shape.

    Raises
    ------
    ValueError
        If there is no snapshot, or they differ in shape.
    """
    first = _checked(snapshots)
    size = first.size
    start, end = first.reshape(-1), np.asarray(snapshots[-1]).reshape(-1)
    found = np.zeros((8, len(snapshots)))
    before = start
    for number, values in enumerate(_flat(snapshots)):
        for part in _blocks(size):
            now, then, at_start, at_end = (a[part].astype(np.float64) for a in (values, before, start, end))
            step, way = now - then, now - at_start
            products = [(now, now), (then, then), (step, step), (way, way), (now, at_start), (now, at_end)]
            found[:, number] += (now.sum(), np.abs(now).sum(), *(one @ other for one, other in products))
        before = values
    total, absolute, squares, squares_before, moved, away, to_start, to_end = found
    pairs = zip(_flat(snapshots), total / size, strict=True)
    spread = np.array([_squared_distances(values, mean) for values, mean in pairs])
    norm = np.sqrt(squares)
    return WeightMovement(
        mean=total / size,
        absolute_mean=absolute / size,
        variance=spread / size,
        norm=norm,
        update=np.sqrt(moved),
        update_ratio=_ratio(np.sqrt(moved), np.sqrt(squares_before)),
        distance=np.sqrt(away),
        cosine_to_start=_ratio(to_start, norm * norm[0]),
        cosine_to_end=_ratio(to_end, norm * norm[-1]),
    )


@dataclass(frozen=True)
class Streaks:
    """How much of the variance of a matrix lies between its rows, and between its columns.

    Attributes
    ----------
    rows, columns : float
        Variance of the means of the rows, and of the columns, over the variance of all entries.
    rows_by_chance, columns_by_chance : float
        What both are on average for the same entries in random order.
    """

    rows: float
    columns: float
    rows_by_chance: float
    columns_by_chance: float


@checked
def streaks(matrix: ArrayLike) -> Streaks:
    """Return the share of a matrix's variance that its rows and its columns explain: how streaky it looks.

    Parameters
    ----------
    matrix : array_like of shape (outputs, ...)
        Weights, or what is known of each; further axes are taken together, so the columns of filters are their pixels.

    Raises
    ------
    ValueError
        If it has fewer than two entries, or all are equal: there is no variance to explain.

    Notes
    -----
    The total variance is that of the row means, that of the column means, and a rest. Of R C entries in random order
    the row means take (R - 1) / (R C - 1), the column means (C - 1) / (R C - 1).

    References
    ----------
    Meniconi et al., section 3 (the streaks of figures 3.3 to 3.6).
    """
    values = real_array("matrix", matrix).astype(np.float64, copy=False)
    values = values.reshape(len(values), -1) if values.ndim else values.reshape(1, 1)
    if values.size < 2 or not np.isfinite(values).all() or values.min() == values.max():
        raise wrong("matrix", matrix, "at least two finite numbers that are not all equal")
    rows, columns = values.shape
    variance = values.var()
    return Streaks(
        float(values.mean(axis=1).var() / variance),
        float(values.mean(axis=0).var() / variance),
        (rows - 1) / (values.size - 1),
        (columns - 1) / (values.size - 1),
    )


QUANTITIES = ("w", "|w|", "variance", "log variance")


@checked
def weight_streaks(
    snapshots: Sequence[ArrayLike], rng: int | np.random.Generator = 0, columns: ArrayLike | None = None
) -> Mapping[str, Mapping[str, Streaks]]:
    """Return the streaks of a layer's weights and of what became of them, beside those of its initial weights.

    Parameters
    ----------
    snapshots : sequence of array_like of shape (outputs, ...)
        A parameter at several times.
    rng : int or numpy.random.Generator
        For the control: the same entries in random order.
    columns : array_like of int or bool, optional
        Which inputs are looked at, such as the pixels that are often lit.

    Returns
    -------
    mapping of str to mapping of str to Streaks
        For "w", "|w|", "variance" and "log variance" over training: "trained" for the last snapshot (or all of them),
        "initial" for the first, and "shuffled" for the entries of "trained" in random order. A variance has no initial
        one. Weights that never moved take the least variance of the others.

    References
    ----------
    Meniconi et al., section 3.
    """
    first, draws = _checked(snapshots), generator(rng)
    chosen = slice(None) if columns is None else np.asarray(columns)

    def part(values: Array) -> Array:
        return np.asarray(values).reshape(len(first), -1)[:, chosen].astype(np.float64)

    variance = part(weight_statistics(snapshots).variance)
    moved = variance[variance > 0]
    initial, last = part(first), part(np.asarray(snapshots[-1]))
    matrices = {
        "w": {"trained": last, "initial": initial},
        "|w|": {"trained": np.abs(last), "initial": np.abs(initial)},
        "variance": {"trained": variance},
        "log variance": {"trained": np.log(np.maximum(variance, moved.min() if moved.size else 1.0))},
    }
    for of_quantity in matrices.values():
        trained = of_quantity["trained"]
        of_quantity["shuffled"] = draws.permutation(trained.reshape(-1)).reshape(trained.shape)
    return {
        quantity: {when: streaks(matrix) for when, matrix in of_quantity.items()}
        for quantity, of_quantity in matrices.items()
    }


def _checked(snapshots: Sequence[ArrayLike]) -> Array:
    """Return the first snapshot, having checked that there is one."""
    if not isinstance(snapshots, (Sequence, np.ndarray)) or isinstance(snapshots, str) or not len(snapshots):
        raise wrong("snapshots", snapshots, "a parameter at one or more times, such as WeightHistory()['dense1/W']")
    first = real_array("snapshots", snapshots[0])
    if not first.size:
        raise wrong("snapshots", first, "arrays that hold weights")
    for index in range(len(snapshots)):
        shape = np.shape(snapshots[index])
        if shape != first.shape:
            raise ValueError(f"snapshot {index} has the shape {shape}, expected {first.shape}, that of the first")
    return first


def _flat(snapshots: Sequence[ArrayLike]) -> Iterator[Array]:
    """Give one snapshot after the other as a vector; those on disk are mapped, and let go of again."""
    for index in range(len(snapshots)):
        yield real_array("snapshots", snapshots[index]).reshape(-1)


def _blocks(size: int) -> Iterator[slice]:
    for start in range(0, size, BLOCK):
        yield slice(start, start + BLOCK)


def _squared_distances(values: Array, mean: float) -> float:
    """Return the sum of the squared distances of all values from their mean, which is known."""
    return sum(float(np.square(values[part] - np.float64(mean)).sum()) for part in _blocks(values.size))


def _ratio(top: Array, bottom: Array) -> Array:
    return np.divide(top, bottom, out=np.full(len(top), np.nan), where=bottom > 0)
