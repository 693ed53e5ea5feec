"""Do two networks rest on the same units? One loses its units in the order of the other's ranking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinynet.arguments import boolean, finite_array, generator, how_often, one_of, whole_array, wrong
from tinynet.classes import check_labels, class_count, predicted
from tinynet.explain.ablation.knockouts import knockout_sweep
from tinynet.explain.ablation.orders import default_counts
from tinynet.explain.comparison.matching import match_units
from tinynet.explain.metrics.randomisation import rank_correlations
from tinynet.explain.units.filters import Unit, rank_units
from tinynet.network import Network, checked_network
from tinynet.notebook import ShownInBrief
from tinynet.signatures import checked
from tinynet.types import Array


@dataclass(frozen=True, eq=False, repr=False)
class CrossKnockouts(ShownInBrief):
    """Errors of a network as its units go in its own order, in another network's, and at random.

    Attributes
    ----------
    counts : ndarray of shape (S,)
        Numbers of units knocked out.
    own, by_other : ndarray of shape (S,)
        Share of the images that are misclassified as the units go in the order of the network's own scores, and of
        the scores of the other's units that they are matched with.
    random : ndarray of shape (R, S)
        The same in random orders: the control.
    rank_correlation : float
        Of the two scores of the same unit; NaN if either are all equal.
    """

    counts: NDArray[np.int64]
    own: Array
    by_other: Array
    random: Array
    rank_correlation: float


@checked
def cross_knockouts(
    net: Network,
    other: Network,
    x: ArrayLike,
    labels: ArrayLike,
    scores: Mapping[str, ArrayLike],
    other_scores: Mapping[str, ArrayLike],
    *,
    matched: bool = True,
    counts: Sequence[int] | None = None,
    repeats: int = 10,
    rng: int | np.random.Generator = 0,
    batch_size: int = 256,
) -> CrossKnockouts:
    """Knock out a network's units in the order of its own ranking, of another network's, and at random.

    Parameters
    ----------
    net : Network
        The classifier that loses units.
    other : Network
        The one that its ranking is taken from, too.
    x : array_like of shape (N, *input_shape)
        Images.
    labels : array_like of shape (N,)
        Their classes for `net`.
    scores, other_scores : mapping of str to array_like of shape (units,)
        How much each unit matters for either, by output: the same outputs of both. Strongest go first.
    matched : bool
        Whether units are paired by what they put out for `x` (:func:`tinynet.explain.match_units`), as units of
        networks with other starts must be; or by their number. A unit that finds no partner goes last.
    counts : sequence of int, optional
        Numbers of units to knock out; `default_counts` if not given.
    repeats : int
        Number of random orders.
    rng : int or numpy.random.Generator
        Draws the random orders.
    batch_size : int
        Images worked through at a time.

    Returns
    -------
    CrossKnockouts

    Raises
    ------
    ValueError
        If scores are not one for each unit of an output, or the outputs differ.

    Notes
    -----
    If both networks rested on the same units, the other's order would harm as fast as the own. If they rested on
    unrelated ones, it would harm like a random order. Units that any network of these images needs, whatever its task,
    put it in between; another network of the same task says how far.

    References
    ----------
    Lo, Cohen and Ding 2015, section V.C, for knock-outs in the order of a network's own ranking.
    """
    images = checked_network(net).as_batch(x)
    wanted = check_labels(labels, class_count(net), images=len(images))
    if not len(images):
        raise wrong("x", x, "at least one image")
    own, theirs = _checked("scores", net, scores), _checked("other_scores", other, other_scores)
    if own.keys() != theirs.keys():
        raise wrong("other_scores", list(theirs), f"scores of {', '.join(own)}, as scores has")
    if boolean("matched", matched):
        theirs = _through_partners(net, other, images, own, theirs)
    elif any(len(own[name]) != len(theirs[name]) for name in own):
        raise wrong("matched", matched, "True, since the layers of the two differ in the number of units")
    units = rank_units(own)
    steps = default_counts(len(units)) if counts is None else whole_array("counts", counts, 0, ("S",), most=len(units))
    times, draw = how_often("repeats", repeats, 0), generator(rng)

    def errors(order: Sequence[Unit]) -> Array:
        outputs = knockout_sweep(net, images, [order[:count] for count in steps], batch_size=batch_size)
        return np.asarray((predicted(outputs) != wanted).mean(axis=1))

    random = [errors([units[place] for place in draw.permutation(len(units))]) for _ in range(times)]
    each = [np.concatenate([values[name] for name in own]) for values in (own, theirs)]
    with_partner = np.isfinite(each[1])
    return CrossKnockouts(
        steps,
        errors(units),
        errors(rank_units(theirs)),
        np.reshape(random, (times, len(steps))),
        float(rank_correlations(*(values[None, with_partner] for values in each))[0]),
    )


def _checked(what: str, net: Network, scores: Mapping[str, ArrayLike]) -> dict[str, Array]:
    """Return scores by output, having checked that there is one for each unit."""
    if not scores:
        raise wrong(what, scores, 'a mapping from outputs to a number a unit, such as {"relu1": ...}')
    shapes = {name: net.shapes[one_of(f"a key of {what}", name, net.names)] for name in scores}
    return {
        name: finite_array(f"{what} of {name}", values, np.float64, shapes[name][:1]) for name, values in scores.items()
    }


def _through_partners(
    net: Network, other: Network, images: Array, own: Mapping[str, Array], theirs: Mapping[str, Array]
) -> dict[str, Array]:
    """Return, for each unit of a network, the score of its partner in the other; no score is less than none."""
    here, there, found = net.trace(images), other.trace(images), {}
    for name, values in own.items():
        pairs = match_units(here[name], there[name])
        found[name] = np.full(len(values), -np.inf)
        found[name][pairs.units] = theirs[name][pairs.partners]
    return found
