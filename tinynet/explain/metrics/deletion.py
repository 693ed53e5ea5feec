"""What happens when the pixels that a map calls important go first: deletion and insertion curves."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinynet.arguments import generator, how_often
from tinynet.explain.attribution.path import baseline_of
from tinynet.explain.attribution.question import Question
from tinynet.network import Network
from tinynet.signatures import checked
from tinynet.types import Array


class DeletionCurves(NamedTuple):
    """Predictions as pixels are replaced, in the order of a map, in the opposite one, and by chance.

    Attributes
    ----------
    shares : ndarray of shape (S,)
        Shares of the pixels that are gone, from 0 to 1.
    most_first, least_first : ndarray of shape (N, S)
        The prediction when the pixels of the highest values go first, and when those of the lowest do.
    random : ndarray of shape (R, N, S)
        In R random orders.
    """

    shares: NDArray[np.float64]
    most_first: Array
    least_first: Array
    random: Array

    @property
    def gap(self) -> NDArray[np.float64]:
        """Mean height of the curve with the least first above the one with the most first, (N,): larger is better."""
        return np.asarray((self.least_first - self.most_first).mean(axis=-1))

    @property
    def random_gap(self) -> NDArray[np.float64]:
        """The same for random orders and their reverses, (R // 2, N): what chance gives."""
        half = len(self.random) // 2
        return np.asarray((self.random[:half] - self.random[half : 2 * half]).mean(axis=-1))


@checked
def deletion_curves(
    net: Network,
    maps: ArrayLike,
    x: ArrayLike,
    target: int | str | ArrayLike,
    of: str = "logit",
    *,
    steps: int = 20,
    replace: ArrayLike = 0.0,
    repeats: int = 10,
    rng: int | np.random.Generator = 0,
) -> DeletionCurves:
    """Return predictions as the pixels of images are replaced in the order of their maps.

    Parameters
    ----------
    net : Network
        A classifier.
    maps : array_like of shape (N, *input_shape), or (N, H, W)
        Signed: the highest values are what speaks for the class. The channels of a pixel are added up.
    x : array_like of shape (N, *input_shape)
        Images.
    target : int, array_like of shape (N,) or "all"
        The class asked about; with "all" the curves of the K classes come first, of shape (K, N, S).
    of : {"logit", "probability", "log_probability", "margin"}
        Which prediction.
    steps : int
        Number of equal steps from all pixels to none.
    replace : float or array_like
        What stands where a pixel is gone, in all its channels.
    repeats : int
        Number of random orders, each tried in both directions.
    rng : int or numpy.random.Generator
        Draws them, and breaks ties: the order of a map with equal values would otherwise be that of the rows.

    Returns
    -------
    DeletionCurves

    Notes
    -----
    Insertion is the curve of the opposite order read from the end. On a linear network, the order of gradient times
    input puts the curve below those of all other orders, and the opposite order above; an order by absolute values
    does not. Ranks are taken once: a map is not computed again for images that are half gone.

    References
    ----------
    Samek et al. 2017, section III (area over the perturbation curve); Petsiuk et al. 2018, section 4.2.
    """
    count, pairs, draw = (
        how_often("steps", steps),
        how_often("repeats", repeats),
        generator(rng),
    )
    question = Question(net, x, target, of)
    seen = question.x
    heights = np.asarray(maps, np.float64)
    if heights.shape == (len(seen), *seen.shape[2:]):
        heights = heights[:, None] if seen.ndim == 4 else heights
    elif heights.shape != seen.shape:
        raise ValueError(f"maps have shape {heights.shape}, expected {seen.shape}, one value a pixel")
    if np.isnan(heights).any():
        raise ValueError("a map holds NaN, so its pixels have no order")
    place = heights.sum(axis=1) if seen.ndim == 4 else heights
    flat = place.reshape(len(seen), -1)
    cover = baseline_of(replace, seen, "replace")
    shares = np.arange(count + 1) / count

    def curve(ranks: Array) -> Array:
        gone = ranks[:, None] < (shares * ranks.shape[1]).round()[:, None]
        gone = gone.reshape(len(seen), count + 1, *place.shape[1:])
        gone = gone[:, :, None] if seen.ndim == 4 else gone

        def work(rows: slice) -> tuple[Array]:
            changed = np.where(gone[rows], cover[rows, None], seen[rows, None])
            return (question.values_at(changed, question.classes(rows)),)

        return np.asarray(question.collected(work, count + 1)[0])

    order = np.lexsort((draw.random(flat.shape), -flat), axis=1)
    ranks = np.argsort(order, axis=1)
    last = flat.shape[1] - 1
    drawn = np.array([np.argsort(draw.random(flat.shape), axis=1) for _ in range(pairs)])
    random = np.array([curve(one) for one in (*drawn, *(last - drawn))])
    return DeletionCurves(shares, curve(ranks), curve(last - ranks), random)
