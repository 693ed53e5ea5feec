"""Groups of networks, such as those of two tasks: do they differ by more than networks of one task differ by seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import comb, factorial, prod

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinynet.arguments import finite_array, finite_number, generator, plain_array, whole_number, wrong
from tinynet.explain.comparison.chance import TIE, PermutationNull
from tinynet.explain.comparison.layers import similarities
from tinynet.explain.comparison.similarity import centred, cka
from tinynet.explain.norms import norm
from tinynet.notebook import ShownInBrief
from tinynet.signatures import checked
from tinynet.types import Array

MOST_SPLITS = 10**6


@dataclass(frozen=True, eq=False, repr=False)
class GroupComparison(ShownInBrief):
    """What statistics say of two groups of networks; every array has the shape of one network's statistics.

    Attributes
    ----------
    difference : ndarray
        Mean of the first group less that of the second.
    effect : ndarray
        The difference over the standard deviation within the groups (Cohen's d); infinite if there is none.
    p : ndarray
        How likely networks that are split into two groups at random differ as much, either way.
    p_max : ndarray
        How likely any of the statistics does, each in its own unit: corrected for their number, also a lone one.
    q : ndarray
        The share of chance findings if this one and all with smaller `p` are believed (Benjamini and Hochberg).
    detectable : ndarray
        The size of difference that would have been found with the power asked for; infinite if no size would.
    level : float
        What `q` may be to be believed.
    threshold : float
        What `p` may be for one statistic more to be believed: `detectable` is at this level.
    least_p : float
        The least that `p` can be for so many networks.
    """

    difference: Array
    effect: Array
    p: Array
    p_max: Array
    q: Array
    detectable: Array
    level: float
    threshold: float
    least_p: float

    @property
    def found(self) -> NDArray[np.bool_]:
        """Which statistics tell the groups apart, with `q` of at most `level`."""
        return self.q <= self.level


@checked
def compare_groups(
    A: ArrayLike,
    B: ArrayLike,
    *,
    level: float = 0.05,
    power: float = 0.8,
    splits: int = 9999,
    rng: int | np.random.Generator = 0,
) -> GroupComparison:
    """Test which statistics tell two groups of networks apart more than networks of one group differ among themselves.

    Parameters
    ----------
    A, B : array_like of shape (..., n) and (..., m)
        Statistics of n networks of one kind and of m of another, two or more each; any axes in front, such as
        (statistics, layers, epochs).
    level : float
        The share of chance findings that is allowed among all findings.
    power : float
        How surely a difference of the size `detectable` is found.
    splits : int
        Ways to split the networks; all of them where there are no more (two groups of seven have 3,432).
    rng : int or numpy.random.Generator
        Draws the splits otherwise.

    Returns
    -------
    GroupComparison

    Raises
    ------
    ValueError
        If the arrays are not of the same statistics, or a group has fewer than two networks.

    Notes
    -----
    If the kind of a network did not matter, any n of the n + m networks could as well have been the first group: p is
    the share of these splits whose means differ as much, the observed one among them, so that it is at least one over
    their number (two if n = m, for then each split comes twice). For `p_max` each difference is divided by the
    deviation over all networks, and a split counts if its largest does. With R of S statistics found, one more needs p
    of at most a = level (R + 1) / S. A t-test at that level finds s (t_(1-a/2) + t_power) sqrt(1/n + 1/m) with the
    power asked for, s the deviation within the groups and t quantiles of n + m - 2 degrees of freedom. Tests over
    splits are nearly as strong where splits are many, and find nothing where a is less than `least_p`.

    References
    ----------
    Fisher 1935, section 21; Westfall and Young 1993, for the maximum; Benjamini and Hochberg 1995; Phipson and Smyth
    2010, for counting the observed split too.
    """
    from scipy import stats

    a, b = (finite_array(name, values, np.float64) for name, values in (("A", A), ("B", B)))
    for name, values in (("A", a), ("B", b)):
        if not values.ndim or values.shape[-1] < 2 or not values.size:
            raise ValueError(f"{name} has the shape {values.shape}, expected statistics of 2 networks: (..., networks)")
    if a.shape[:-1] != b.shape[:-1]:
        raise ValueError(f"B has the shape {b.shape}, expected {(*a.shape[:-1], 'networks')}, the statistics of A")
    bound, sure = (finite_number(*pair, above=0, below=1) for pair in (("level", level), ("power", power)))
    n, m = a.shape[-1], b.shape[-1]
    groups = np.repeat([0, 1], [n, m])
    others = _other_labellings(groups, whole_number("splits", splits, 1, MOST_SPLITS), generator(rng))

    units = centred(np.concatenate([a, b], axis=-1).reshape(-1, n + m).T, axis=0)  # deviation over all networks is one
    observed = (
        np.abs(units[groups == 0].sum(axis=0)) - TIE
    )  # of two sums that add up to 0, so each tells the difference
    by_chance = np.abs((others == 0).astype(np.float64) @ units)
    p, p_max = (
        ((1 + (which >= observed).sum(axis=0)) / (1 + len(others))).reshape(a.shape[:-1])
        for which in (by_chance, by_chance.max(axis=1, keepdims=True))
    )
    q = stats.false_discovery_control(p.reshape(-1)).reshape(p.shape)
    threshold = bound * min(int((q <= bound).sum()) + 1, p.size) / p.size
    all_splits = len(others) + 1 == comb(n + m, n)
    least = (1 + (all_splits and n == m)) / (1 + len(others))

    difference = a.mean(axis=-1) - b.mean(axis=-1)
    freedom = n + m - 2
    within = np.concatenate([_from_the_mean(a), _from_the_mean(b)], axis=-1)
    spread = np.asarray(norm(within, axis=-1)) / np.sqrt(freedom)
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = np.where(difference == 0, 0.0, difference / spread)
    quantiles = stats.t.ppf([1 - threshold / 2, sure], freedom).sum()
    detectable = spread * quantiles * np.sqrt(1 / n + 1 / m) if threshold >= least else np.full(spread.shape, np.inf)
    return GroupComparison(difference, effect, p, p_max, q, detectable, bound, threshold, least)


@dataclass(frozen=True, eq=False, repr=False)
class GroupSimilarity(ShownInBrief):
    """How alike networks of one group are, and networks of different groups.

    Attributes
    ----------
    matrix : ndarray of shape (n, n)
        The measure for each pair of networks; NaN on the diagonal, where a network would meet itself.
    groups : ndarray of shape (G,)
        The labels, sorted.
    within : ndarray of shape (G,)
        Mean over the pairs of each group; NaN for a group of one.
    between : float
        Mean over the pairs of two groups.
    null : PermutationNull
        Mean over all pairs within a group less `between`, beside the same for networks that are labelled at random:
        `p_greater` for similarities, `p_less` for distances.
    """

    matrix: Array
    groups: Array
    within: Array
    between: float
    null: PermutationNull


@checked
def group_similarity(
    features: Sequence[ArrayLike],
    labels: Sequence[int] | Sequence[str] | NDArray[np.generic],
    *,
    measure: Callable[..., float] = cka,
    splits: int = 9999,
    rng: int | np.random.Generator = 0,
) -> GroupSimilarity:
    """Return how alike networks of one group and of different groups are, and whether more than by chance.

    Parameters
    ----------
    features : sequence of array_like of shape (N, ...)
        Of the same N images in each of n networks, such as the outputs of one layer, or profiles of gradients.
    labels : sequence of int or str
        The group of each of n networks, such as its task.
    measure : callable
        ``measure(X, Y)`` returns a number for the features of two networks, the same either way round, as `cka`,
        `svcca`, `procrustes` and `profile_cosine` do.
    splits : int
        Ways to label the networks; all of them where there are no more.
    rng : int or numpy.random.Generator
        Draws them otherwise.

    Returns
    -------
    GroupSimilarity

    Raises
    ------
    ValueError
        If no two networks are of one group, or no two are of different groups.

    Notes
    -----
    Networks that differ by their seed alone are the control: two tasks tell networks apart in a layer only where
    networks of one task are more alike than networks of two. Pairs are not independent, so it is the networks that are
    labelled anew, not the pairs.
    """
    if isinstance(features, str) or not isinstance(features, (Sequence, np.ndarray)):
        raise wrong("features", features, "a list of arrays, one for each network")
    expected = f"a number or name for each of {len(features)} networks"
    array = plain_array("labels", labels, expected)
    if array.shape != (len(features),) or array.dtype.kind not in "iuU":
        raise wrong("labels", labels, expected)
    named, numbers = np.unique(array, return_inverse=True)
    if not 1 < len(named) < len(numbers):
        raise ValueError(f"{len(numbers)} networks of {len(named)} groups hold no two of one and two of different ones")
    others = _other_labellings(numbers, whole_number("splits", splits, 1, MOST_SPLITS), generator(rng))
    matrix = np.full((len(numbers),) * 2, np.nan)
    first, second = np.triu_indices(len(numbers), k=1)
    found = np.array(similarities(measure, features, features, list(zip(first, second, strict=True))))
    matrix[first, second] = matrix[second, first] = found

    def difference(labelling: Array) -> Array:
        same = labelling[..., first] == labelling[..., second]
        return np.where(same, found, 0).sum(axis=-1) / same.sum(axis=-1) - np.where(same, 0, found).sum(axis=-1) / (
            ~same
        ).sum(axis=-1)

    pairs = numbers[first], numbers[second]
    of_group = [found[(pairs[0] == group) & (pairs[1] == group)] for group in range(len(named))]
    return GroupSimilarity(
        matrix,
        named,
        np.array([values.mean() if len(values) else np.nan for values in of_group]),
        float(found[pairs[0] != pairs[1]].mean()),
        PermutationNull(float(difference(numbers)), difference(others)),
    )


def _from_the_mean(values: Array) -> Array:
    """Return values less their mean along the last axis; exact zeros where all are the same."""
    away = values - values[..., :1]
    return np.asarray(away - away.mean(axis=-1, keepdims=True))


def _other_labellings(labels: NDArray[np.int64], most: int, draw: np.random.Generator) -> NDArray[np.int64]:
    """Return all other ways to hand out the same labels, a row each, or as many random ones as are wanted at most."""
    counts = np.bincount(labels)
    ways = factorial(len(labels)) // prod(factorial(int(count)) for count in counts)
    if ways > most:
        return np.array([draw.permutation(labels) for _ in range(most)])
    every = np.array(list(_arrangements(counts.tolist())))
    return every[(every != labels).any(axis=1)]


def _arrangements(counts: list[int]) -> Iterator[tuple[int, ...]]:
    """Give every order of as many labels of each kind as `counts` says."""
    if not any(counts):
        yield ()
    for label, count in enumerate(counts):
        if count:
            for rest in _arrangements([left - (kind == label) for kind, left in enumerate(counts)]):
                yield (label, *rest)
