"""Does an explanation depend on what the network has learned? The same question, asked of networks drawn anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinynet.arguments import boolean, generator, how_often, real_array
from tinynet.network import Network
from tinynet.signatures import checked
from tinynet.types import Array

Method = Callable[[Network, Array, Array], ArrayLike]


class Randomisation(NamedTuple):
    """How alike the maps of a network are to those of the same network with some layers drawn anew.

    Attributes
    ----------
    layers : tuple of str
        The layers drawn anew, one more at each step from the top down; or each alone.
    signed, absolute : ndarray of shape (repeats, layers, N)
        Rank correlation of each image's map with the one before, of the values and of their sizes; NaN for a map that
        is the same everywhere, which is no answer.
    random_pair : ndarray of shape (repeats, N)
        The same of sizes for two networks that are both drawn anew: what the method, the images and the layers'
        structure make alike whatever was learned.
    """

    layers: tuple[str, ...]
    signed: NDArray[np.float64]
    absolute: NDArray[np.float64]
    random_pair: NDArray[np.float64]


@checked
def randomised(net: Network, layers: Sequence[str], rng: int | np.random.Generator = 0) -> Network:
    """Return a network some of whose layers have their weights drawn anew, each from its own initial law.

    Parameters
    ----------
    net : Network
        A trained network; it stays as it is.
    layers : sequence of str
        Names of the layers; the others share their parameters with `net`.
    rng : int or numpy.random.Generator
        Draws the weights.
    """
    for name in layers:
        net[name]
    drawn = [layer.with_params({}) if layer.name in layers else layer for layer in net.layers]
    return Network(drawn, net.input_shape, _of_its_own(rng), net.dtype)


@checked
def randomisation(
    net: Network,
    method: Method,
    x: ArrayLike,
    target: ArrayLike,
    *,
    cascading: bool = True,
    repeats: int = 3,
    rng: int | np.random.Generator = 0,
) -> Randomisation:
    """Compare maps with those of networks whose layers are drawn anew, one after the other.

    Parameters
    ----------
    net : Network
        Trained.
    method : callable
        ``method(net, x, target)`` returns one map an image, such as :func:`tinynet.explain.integrated_gradients`.
    x : array_like of shape (N, *input_shape)
        Images.
    target : array_like of shape (N,)
        The class asked about for each.
    cascading : bool
        Whether the layers drawn anew add up from the top down, or each is drawn anew alone.
    repeats : int
        How often, each time with other weights.
    rng : int or numpy.random.Generator
        Draws the weights.

    Returns
    -------
    Randomisation

    Notes
    -----
    Weights come from the law that the layer starts from; permuting them instead is another test. From the top down,
    what is left of the lower layers keeps its structure whatever the explanation does, so a correlation above 0 is no
    failure by itself: compare with the random pair.

    References
    ----------
    Adebayo et al. 2018, section 3; Binder et al. 2023, for why similarity alone misleads.
    """
    boolean("cascading", cascading)
    draw, count = _of_its_own(rng), how_often("repeats", repeats)
    images, classes = net.as_batch(x), np.asarray(target)
    learned = [layer.name for layer in net.layers if layer.params][::-1]
    own = np.asarray(method(net, images, classes))
    signed = np.empty((count, len(learned), len(images)))
    absolute, pairs = np.empty_like(signed), np.empty((count, len(images)))
    for repeat in range(count):
        for step, name in enumerate(learned):
            other = randomised(net, learned[: step + 1] if cascading else [name], draw)
            found = np.asarray(method(other, images, classes))
            signed[repeat, step] = rank_correlations(own, found)
            absolute[repeat, step] = rank_correlations(np.abs(own), np.abs(found))
        both = [np.abs(np.asarray(method(randomised(net, learned, draw), images, classes))) for _ in range(2)]
        pairs[repeat] = rank_correlations(*both)
    return Randomisation(tuple(learned), signed, absolute, pairs)


@checked
def rank_correlations(one: ArrayLike, other: ArrayLike) -> NDArray[np.float64]:
    """Return Spearman's rank correlation of each map with its fellow.

    Parameters
    ----------
    one, other : array_like of shape (N, ...)
        Maps of the same shape.

    Returns
    -------
    ndarray of shape (N,)
        NaN where a map is the same everywhere.
    """
    from scipy import stats

    first = real_array("one", one, ("N", *np.shape(one)[1:]))
    second = real_array("other", other, first.shape)
    ranks = [maps.reshape(len(maps), int(np.prod(maps.shape[1:]))) for maps in (first, second)]
    ranks = [stats.rankdata(maps, axis=1) for maps in ranks]
    ranks = [maps - maps.mean(axis=1, keepdims=True) for maps in ranks]
    product = (ranks[0] * ranks[1]).sum(axis=1)
    size = np.sqrt(np.square(ranks[0]).sum(axis=1) * np.square(ranks[1]).sum(axis=1))
    return np.divide(product, size, out=np.full(len(product), np.nan), where=size > 0)


def _of_its_own(rng: int | np.random.Generator) -> np.random.Generator:
    """Return a generator whose seed is no network's: one that was drawn from the same seed would be drawn again."""
    return rng if isinstance(rng, np.random.Generator) else generator(rng).spawn(1)[0]
