"""Where a curve bends: two straight lines that meet, and how sure their meeting point is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from tinynet.types import Array

LEAST = 4  # places of points that two lines need
PLACES = 201
RESAMPLES = 999
RIDGE = 1e-12  # keeps the equations solvable where a resample has all points on one side
ENDS = 0.05  # of the points at least lie on either side of a bend


class Knee(NamedTuple):
    """Two lines that meet.

    Attributes
    ----------
    place, low, high : float
        Where they meet, and the ends of its 95 % interval.
    level : float
        Height there.
    before, after : float
        Slopes of the two lines.
    explained : float
        Share of the variance that the lines explain.
    """

    place: float
    low: float
    high: float
    level: float
    before: float
    after: float
    explained: float

    def line(self, x: ArrayLike) -> Array:
        """Return the height of the lines."""
        right = np.asarray(x, np.float64) - self.place
        return self.level + self.before * np.minimum(right, 0) + self.after * np.maximum(right, 0)


def knee(
    runs: Sequence[tuple[ArrayLike, ArrayLike]], rng: int | np.random.Generator = 0, resamples: int = RESAMPLES
) -> Knee:
    """Fit two lines that meet to the points of several runs, and bootstrap over the runs.

    Parameters
    ----------
    runs : sequence of pairs of array_like of shape (P,)
        Places and heights of the points of each run.
    rng : int or numpy.random.Generator
        Draws the resamples.
    resamples : int
        How many.

    Returns
    -------
    Knee

    Raises
    ------
    ValueError
        If the points lie at fewer than four places.

    Notes
    -----
    For a bend at k, y = a + b min(x - k, 0) + c max(x - k, 0) is linear in a, b and c: the normal equations of all
    candidates k are solved at once, and the best k is taken. They are sums over runs, so that a resample of runs
    costs no pass over the points. Points of one run are not independent, runs are: only whole runs are resampled.

    References
    ----------
    Efron and Tibshirani 1993, chapter 8 (the bootstrap of clusters).
    """
    pairs = [(np.asarray(x, np.float64), np.asarray(y, np.float64)) for x, y in runs]
    everywhere = np.concatenate([x for x, _ in pairs] or [np.zeros(0)])
    if len(np.unique(everywhere)) < LEAST:
        raise ValueError(f"got points at {len(np.unique(everywhere))} places, expected at least {LEAST} to see a bend")
    first, last = np.quantile(everywhere, [ENDS, 1 - ENDS])
    places = np.linspace(first, last, PLACES)
    sums = np.stack([_sums(x, y, places) for x, y in pairs])
    solutions, residuals = _solved(sums.sum(axis=0))
    best = int(residuals.argmin())
    generator = np.random.default_rng(rng)
    drawn = generator.multinomial(len(pairs), np.full(len(pairs), 1 / len(pairs)), resamples)
    resampled = (drawn @ sums.reshape(len(pairs), -1)).reshape(resamples, *sums.shape[1:])
    low, high = np.quantile(places[_solved(resampled)[1].argmin(axis=-1)], [0.025, 0.975])
    heights = np.concatenate([y for _, y in pairs])
    total = float(np.sum((heights - heights.mean()) ** 2))
    explained = 1 - float(residuals[best]) / total if total else 1.0
    level, before, after = map(float, solutions[best])
    return Knee(float(places[best]), float(low), float(high), level, before, after, explained)


def _sums(x: Array, y: Array, places: Array) -> Array:
    """Return M^T M for each candidate, where the columns of M are 1, both arms of the bend, and y."""
    right = x[None] - places[:, None]
    columns = np.stack(
        [np.ones_like(right), np.minimum(right, 0), np.maximum(right, 0), np.broadcast_to(y, right.shape)]
    )
    return np.einsum("ikp,jkp->kij", columns, columns)


def _solved(sums: Array) -> tuple[Array, Array]:
    """Return, for each candidate, what a, b and c are of least squares, and the sum of squares that is left."""
    inner, mixed, heights = sums[..., :3, :3], sums[..., :3, 3], sums[..., 3, 3]
    sizes = np.diagonal(inner, axis1=-2, axis2=-1)
    ridge = RIDGE * (sizes + RIDGE * sizes.sum(axis=-1, keepdims=True))  # for an arm without points, of any length
    solutions = np.linalg.solve(inner + ridge[..., None] * np.eye(3), mixed[..., None])[..., 0]
    explained = 2 * mixed - np.matmul(inner, solutions[..., None])[..., 0]
    return solutions, np.maximum(heights - (solutions * explained).sum(axis=-1), 0)
