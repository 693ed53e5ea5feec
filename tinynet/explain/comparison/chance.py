"""Whether a similarity of two layers is more than chance, and whether it hangs on a few images."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinynet.arguments import generator, how_often, real_array, whole_number
from tinynet.explain.comparison.similarity import both_features
from tinynet.notebook import ShownInBrief
from tinynet.signatures import checked

TIE = 1e-9  # values this close differ by rounding


@dataclass(frozen=True, eq=False, repr=False)
class PermutationNull(ShownInBrief):
    """A measure of two layers beside what it is when their images are no longer the same.

    Attributes
    ----------
    value : float
        For the images as they are.
    null : ndarray of shape (permutations,)
        For the rows of one array in random order.
    """

    value: float
    null: NDArray[np.float64]

    @property
    def mean(self) -> float:
        """The mean by chance."""
        return float(self.null.mean())

    @property
    def interval(self) -> tuple[float, float]:
        """The quantiles 0.025 and 0.975 by chance."""
        low, high = np.quantile(self.null, [0.025, 0.975])
        return float(low), float(high)

    @property
    def p_greater(self) -> float:
        """How likely chance gives as much or more: for similarities, such as CKA."""
        return self._share(self.null >= self.value - TIE)

    @property
    def p_less(self) -> float:
        """How likely chance gives as little or less: for distances, such as that of Procrustes."""
        return self._share(self.null <= self.value + TIE)

    def _share(self, as_extreme: NDArray[np.bool_]) -> float:
        """Return the share of orders, the one that was observed among them: never 0."""
        return float((1 + as_extreme.sum()) / (1 + len(as_extreme)))


@checked
def permutation_null(
    measure: Callable[..., float],
    X: ArrayLike,
    Y: ArrayLike,
    *,
    permutations: int = 199,
    rng: int | np.random.Generator = 0,
) -> PermutationNull:
    """Compare a measure of two layers with what it is by chance: when the rows of one are in random order.

    Parameters
    ----------
    measure : callable
        ``measure(X, Y)`` returns a number, as `cka`, `svcca` and `procrustes` do, and
        ``lambda X, Y: match_units(X, Y).mean``.
    X, Y : array_like of shape (N, ...)
        Features of the same N images.
    permutations : int
        Random orders.
    rng : int or numpy.random.Generator
        Draws them.

    Returns
    -------
    PermutationNull

    Notes
    -----
    A value above this chance says that two layers see the same images, which untrained networks do, too. Whether they
    are more alike than networks that differ by their seed alone is asked of such networks.

    References
    ----------
    Phipson and Smyth 2010, for counting the observed order too.
    """
    x, y = _rows(X, Y)
    draw, count = generator(rng), how_often("permutations", permutations)
    value = float(measure(x, y))
    return PermutationNull(value, np.array([measure(x, y[draw.permutation(len(y))]) for _ in range(count)], float))


@dataclass(frozen=True, eq=False, repr=False)
class LeaveOutRange(ShownInBrief):
    """A measure of two layers when few images are left out.

    Attributes
    ----------
    furthest : ndarray of shape (count + 1,)
        With all images, and without the 1, 2, ... that lie furthest from the mean of those left, in either layer.
    random : ndarray of shape (repeats,)
        Without `count` images drawn at random: the control.
    """

    furthest: NDArray[np.float64]
    random: NDArray[np.float64]

    @property
    def value(self) -> float:
        """With all images."""
        return float(self.furthest[0])

    @property
    def low(self) -> float:
        """The least of all."""
        return float(min(self.furthest.min(), self.random.min()))

    @property
    def high(self) -> float:
        """The most of all."""
        return float(max(self.furthest.max(), self.random.max()))


@checked
def leave_out_range(
    measure: Callable[..., float],
    X: ArrayLike,
    Y: ArrayLike,
    *,
    count: int = 5,
    repeats: int = 20,
    rng: int | np.random.Generator = 0,
) -> LeaveOutRange:
    """Return what becomes of a measure of two layers when few images are left out.

    Parameters
    ----------
    measure : callable
        ``measure(X, Y)`` returns a number, as `cka` does.
    X, Y : array_like of shape (N, ...)
        Features of the same N images.
    count : int
        The most images that are left out; four must remain.
    repeats : int
        How often as many are drawn at random.
    rng : int or numpy.random.Generator
        Draws them.

    Returns
    -------
    LeaveOutRange

    Notes
    -----
    Measures of squares are carried by the images far from the others: five of 500 that lie far away in one layer take
    CKA from 1 to 0.02, and five far away in both take it to 1 for layers that have nothing else in common. The range
    is no bound: other images might move the value more.

    References
    ----------
    Davari et al. 2023.
    """
    x, y = _rows(X, Y)
    draw, most = generator(rng), whole_number("count", count, 1, max(len(x) - 4, 1))
    times = how_often("repeats", repeats)
    left, furthest = np.arange(len(x)), [float(measure(x, y))]
    for _ in range(most):
        distances = [np.square(features).sum(axis=1) for features in both_features(x[left], y[left])]
        left = np.delete(left, np.maximum(*distances).argmax())
        furthest.append(float(measure(x[left], y[left])))
    chosen = [np.sort(draw.permutation(len(x))[most:]) for _ in range(times)]
    return LeaveOutRange(np.array(furthest), np.array([measure(x[rows], y[rows]) for rows in chosen], float))


def _rows(X: ArrayLike, Y: ArrayLike) -> tuple[NDArray[np.generic], NDArray[np.generic]]:
    """Return both arrays, having checked that they have features of the same images, five or more."""
    both_features(X, Y, 5)
    return real_array("X", X), real_array("Y", Y)
