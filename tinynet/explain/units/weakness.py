"""Are some units weak for every class? The weakest of each class, and how far their lists agree beyond chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinynet.arguments import whole_number
from tinynet.explain.units.filters import Unit, rank_units
from tinynet.explain.units.scores import checked_scores
from tinynet.notebook import ShownInBrief
from tinynet.signatures import checked


@dataclass(frozen=True, repr=False)
class WeakUnits(ShownInBrief):
    """The weakest units of each class, and how far their lists agree.

    Attributes
    ----------
    units : tuple of Unit
        All units, in the order of the columns of `weak`.
    weak : ndarray of shape (K, units)
        Whether a unit is among the weakest of a class.
    everywhere : tuple of Unit
        Those among the weakest of every class.
    everywhere_by_chance, everywhere_by_layer : float
        How many such units are expected if each class drew its list at random; and if it drew as many from each layer
        as it really has there.
    shared : float
        Units that the lists of two classes have in common, on average over all pairs; NaN for a single class.
    shared_by_chance, shared_by_layer : float
        What is expected of lists drawn at random, as above.
    """

    units: tuple[Unit, ...]
    weak: NDArray[np.bool_]
    everywhere: tuple[Unit, ...]
    everywhere_by_chance: float
    everywhere_by_layer: float
    shared: float
    shared_by_chance: float
    shared_by_layer: float


@checked
def weak_units(scores: Mapping[str, ArrayLike], count: int) -> WeakUnits:
    """Find the weakest units of each class and compare their lists.

    Parameters
    ----------
    scores : mapping of str to array_like of shape (K, units)
        How strong each unit is for each class, by output.
    count : int
        How many of the weakest make a list.

    Returns
    -------
    WeakUnits

    Raises
    ------
    ValueError
        If there are fewer units than that.

    Notes
    -----
    Two lists of m of n units, drawn at random, share m m / n of them, and a unit is on all K lists with the chance
    (m / n)^K. Where layers differ in level all lists prefer the same layer, which alone makes them agree: so the same
    is also computed layer by layer, with m and n those of the layer, and added up.

    References
    ----------
    Lo, Cohen and Ding 2015, section V.E.
    """
    values = checked_scores(scores)
    units = tuple(Unit(layer, unit) for layer, numbers in values.items() for unit in range(numbers.shape[1]))
    count = whole_number("count", count, most=len(units))
    classes = len(next(iter(values.values())))
    column = {unit: at for at, unit in enumerate(units)}
    weak = np.zeros((classes, len(units)), bool)
    for label in range(classes):
        ranked = rank_units({layer: numbers[label] for layer, numbers in values.items()}, strongest_first=False)
        weak[label, [column[unit] for unit in ranked[:count]]] = True
    ends = np.cumsum([numbers.shape[1] for numbers in values.values()])[:-1]
    layers = np.split(weak, ends, axis=1)
    return WeakUnits(
        units=units,
        weak=weak,
        everywhere=tuple(units[at] for at in np.flatnonzero(weak.all(axis=0))),
        everywhere_by_chance=_expected_everywhere([weak]),
        everywhere_by_layer=_expected_everywhere(layers),
        shared=_mean_over_pairs(weak.astype(float) @ weak.T),
        shared_by_chance=_expected_shared([weak]),
        shared_by_layer=_expected_shared(layers),
    )


def _expected_everywhere(groups: list[NDArray[np.bool_]]) -> float:
    return float(sum(group.shape[1] * group.mean(axis=1).prod() for group in groups))


def _expected_shared(groups: list[NDArray[np.bool_]]) -> float:
    counts = [group.sum(axis=1, dtype=float) for group in groups]
    return _mean_over_pairs(
        sum(np.outer(found, found) / group.shape[1] for found, group in zip(counts, groups, strict=True))
    )


def _mean_over_pairs(table: Any) -> float:
    others = ~np.eye(len(table), dtype=bool)
    return float(np.asarray(table)[others].mean()) if others.any() else float("nan")
