"""Does a ranking find what matters? Knock-outs of the strongest units first, of the weakest first, and by chance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinynet.arguments import finite_array, generator, how_often, real_array, whole_array, wrong
from tinynet.classes import check_labels, class_numbers, predicted
from tinynet.explain.ablation.knockouts import knockout_sweep
from tinynet.explain.units.filters import Unit, rank_units
from tinynet.explain.units.scores import checked_scores
from tinynet.network import Network
from tinynet.notebook import ShownInBrief
from tinynet.signatures import checked
from tinynet.types import Array


@dataclass(frozen=True, repr=False)
class OrderErrors(ShownInBrief):
    """Errors as the units go in some order, which may differ from class to class.

    Attributes
    ----------
    class_error : ndarray of shape (R, K, S)
        Share of the images of class k that are misclassified after each of S numbers of knock-outs, in the r-th order
        that was tried for it.
    error : ndarray of shape (R, K, S)
        The same among the images of all classes.
    """

    class_error: Array
    error: Array


@dataclass(frozen=True, repr=False)
class OrderComparison(ShownInBrief):
    """How fast a network fails without its strongest units, without its weakest, and without units drawn by chance.

    Attributes
    ----------
    counts : ndarray of shape (S,)
        Numbers of units knocked out, from 0.
    classes : ndarray of shape (K,)
        The classes that were asked about.
    strongest, weakest, random : OrderErrors
        For the three kinds of order; the first two are tried once for each class.
    """

    counts: NDArray[np.int64]
    classes: NDArray[np.int64]
    strongest: OrderErrors
    weakest: OrderErrors
    random: OrderErrors

    def area_under_curve(self, errors: OrderErrors) -> Array:
        """Return how soon each class fails: its class error, averaged over the numbers of knock-outs.

        Parameters
        ----------
        errors : OrderErrors
            One of the three.

        Returns
        -------
        ndarray of shape (K,)
            The area under the curve as a share of its box, 0 to 1, averaged over the orders tried.
        """
        return area_under_curve(errors.class_error.mean(axis=0), self.counts)


def default_counts(units: int, most: int = 24) -> NDArray[np.int64]:
    """Return the numbers of units to knock out: every one where they are few, else ever larger steps up to all.

    Parameters
    ----------
    units : int
        How many units there are.
    most : int
        How many numbers to return at most.

    Examples
    --------
    >>> default_counts(5)
    array([0, 1, 2, 3, 4, 5])
    >>> default_counts(1000, most=8)
    array([   0,    1,    3,   10,   32,  100,  316, 1000])
    """
    if units < most:
        return np.arange(units + 1)
    return np.unique(np.concatenate([[0], np.geomspace(1, units, most - 1).round()]).astype(np.int64))


@checked
def compare_orders(
    net: Network,
    x: ArrayLike,
    labels: ArrayLike,
    scores: Mapping[str, ArrayLike],
    *,
    classes: Sequence[int] | None = None,
    counts: Sequence[int] | None = None,
    repeats: int = 10,
    rng: int | np.random.Generator = 0,
    batch_size: int = 256,
    after_order: Callable[[], object] = lambda: None,
) -> OrderComparison:
    """Knock out units by each class' ranking, strongest and weakest first, and in random orders as the control.

    Parameters
    ----------
    net : Network
        A classifier.
    x : array_like of shape (N, *input_shape)
        Images.
    labels : array_like of shape (N,)
        Their classes.
    scores : mapping of str to array_like of shape (classes, units)
        How strong each unit is for each class, by output.
    classes : sequence of int, optional
        The classes to ask about; all of them if not given.
    counts : sequence of int, optional
        Numbers of units to knock out, increasing from 0; `default_counts` if not given.
    repeats : int
        Number of random orders, each tried for all classes; 0 for none.
    rng : int or numpy.random.Generator
        Draws the random orders.
    batch_size : int
        Images worked through at a time.
    after_order : callable
        Called after each order, for a progress bar: twice for each class, once for each random order.

    Returns
    -------
    OrderComparison

    Raises
    ------
    ValueError
        If a class that is asked about has no image.

    References
    ----------
    Lo, Cohen and Ding 2015, section V.C; Lo 2016, section 4.2.2.
    """
    images, by_class = net.as_batch(x), _by_class(scores)
    asked = class_numbers(classes, len(by_class))
    wanted = check_labels(labels, max(len(by_class), 2), images=len(images))
    for missing in set(asked.tolist()) - set(wanted.tolist()):
        raise ValueError(f"class {missing} has no image, so its error without some units is not known")
    repeats = how_often("repeats", repeats, 0)
    units = rank_units(by_class[0])
    steps = default_counts(len(units)) if counts is None else whole_array("counts", counts, 0, ("S",), most=len(units))

    def wrong(order: Sequence[Unit]) -> Array:
        without = [order[:count] for count in steps]
        after_order()
        return np.asarray(predicted(knockout_sweep(net, images, without, batch_size=batch_size)) != wanted)

    def by_ranking(*, strongest_first: bool) -> OrderErrors:
        tried = [wrong(rank_units(by_class[c], strongest_first=strongest_first)) for c in asked]
        class_error = [found[:, wanted == c].mean(axis=1) for found, c in zip(tried, asked, strict=True)]
        return OrderErrors(np.array(class_error)[None], np.array([found.mean(axis=1) for found in tried])[None])

    def by_chance() -> OrderErrors:
        draw = generator(rng)
        tried = [wrong([units[index] for index in draw.permutation(len(units))]) for _ in range(repeats)]
        shape = (repeats, len(asked), len(steps))
        class_error = [[found[:, wanted == c].mean(axis=1) for c in asked] for found in tried]
        error = [[found.mean(axis=1)] * len(asked) for found in tried]
        return OrderErrors(np.reshape(class_error, shape), np.reshape(error, shape))

    return OrderComparison(
        steps, asked, by_ranking(strongest_first=True), by_ranking(strongest_first=False), by_chance()
    )


@checked
def class_error_curves(
    net: Network,
    x: ArrayLike,
    labels: ArrayLike,
    scores: Mapping[str, ArrayLike],
    counts: ArrayLike,
    *,
    strongest_first: bool = True,
) -> Array:
    """Return how many images of each class are misclassified as units go in the order of the class's own ranking.

    Parameters
    ----------
    net : Network
        A classifier.
    x : array_like of shape (N, *input_shape)
        Images.
    labels : array_like of shape (N,)
        Their classes.
    scores : mapping of str to array_like of shape (classes, units)
        How much each unit matters for each class, by output.
    counts : array_like of shape (S,)
        Numbers of units to knock out.
    strongest_first : bool
        Whether the strongest go first, or the weakest.

    Returns
    -------
    ndarray of shape (K, S)
        NaN for a class without images. Only the images of a class meet its ranking, so this costs a K-th of comparing
        the orders on all of them.
    """
    images = net.as_batch(x)
    by_class = _by_class(scores)
    wanted = check_labels(labels, max(len(by_class), 2), images=len(images))
    units = sum(len(values) for values in by_class[0].values())
    steps = whole_array("counts", counts, 0, ("S",), most=units)
    curves = np.full((len(by_class), len(steps)), np.nan)
    for label in np.unique(wanted):
        order = rank_units(by_class[label], strongest_first=strongest_first)
        outputs = knockout_sweep(net, images[wanted == label], [order[:count] for count in steps])
        curves[label] = (predicted(outputs) != label).mean(axis=1)
    return curves


@checked
def area_under_curve(curves: ArrayLike, counts: ArrayLike) -> Array:
    """Return the area under curves, as a share of the width.

    Parameters
    ----------
    curves : array_like of shape (..., S)
        Heights of each curve, such as errors.
    counts : array_like of shape (S,)
        Where the values stand, increasing.
    """
    values = real_array("curves", curves, ("...", "S"))
    widths = np.diff(finite_array("counts", counts, shape=values.shape[-1:]))
    if not (widths > 0).all() or not widths.size:
        raise wrong("counts", counts, "numbers that increase, at least two")
    return np.asarray((values[..., 1:] + values[..., :-1]) / 2 @ widths / widths.sum())


def _by_class(scores: Mapping[str, ArrayLike]) -> list[dict[str, Array]]:
    """Return the scores of each class, having checked that all layers score as many."""
    arrays = checked_scores(scores)
    return [dict(zip(arrays, of_one, strict=True)) for of_one in zip(*arrays.values(), strict=True)]
