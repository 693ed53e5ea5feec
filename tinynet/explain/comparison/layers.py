"""Which layer of one network is like which of another: every measure of two layers, for all pairs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import one_of
from tinynet.explain.comparison.similarity import both_features, centred_features, cka, narrow, procrustes, svcca
from tinynet.explain.units.outputs import unit_outputs
from tinynet.network import Network, checked_network, chunks
from tinynet.notebook import ShownInBrief
from tinynet.signatures import checked
from tinynet.types import Array

ROTATION_FREE: tuple[Callable[..., float], ...] = (cka, svcca, procrustes)
"""What these say of features hangs on the products between images alone, so N columns are enough."""


@dataclass(frozen=True, eq=False, repr=False)
class LayerSimilarity(ShownInBrief):
    """A measure for each pair of layers of two networks.

    Attributes
    ----------
    layers, other_layers : tuple of str
        L layers of the one network and M of the other.
    values : ndarray of shape (L, M)
        NaN for a layer whose outputs are the same for all images.
    """

    layers: tuple[str, ...]
    other_layers: tuple[str, ...]
    values: Array


@checked
def layer_similarity(
    net: Network,
    other: Network,
    x: ArrayLike,
    *,
    measure: Callable[..., float] = cka,
    layers: Sequence[str] | None = None,
    batch_size: int = 256,
) -> LayerSimilarity:
    """Return how alike each layer of one network is to each of another, as both see the same images.

    Parameters
    ----------
    net, other : Network
        Of the same inputs. The same network twice shows which of its layers are alike; one that is trained and one as
        it was drawn, how much of that the images and the architecture alone bring about.
    x : array_like of shape (N, *input_shape)
        Images; five or more.
    measure : callable
        ``measure(X, Y)`` returns a number for the outputs of two layers, as `cka`, `svcca` and `procrustes` do.
    layers : sequence of str, optional
        Of both networks; where the units of each show, as :func:`tinynet.explain.unit_outputs` has it, if not given.
    batch_size : int
        Images worked through at a time.

    Returns
    -------
    LayerSimilarity

    Notes
    -----
    Whatever is similar of two layers by `cka`, `svcca` or `procrustes` depends on the products X X' alone: features are
    replaced by as many columns as there are images, once a layer, before all pairs are gone through.

    References
    ----------
    Kornblith et al. 2019, section 6.
    """
    images = checked_network(net).as_batch(x)
    if other.input_shape != net.input_shape:
        raise ValueError(f"other takes inputs of the shape {other.input_shape}, expected {net.input_shape}, as net")
    both_features(images, images, 5)
    own, others = _named(net, layers), _named(other, layers)
    X, Y = _outputs(net, images, own, batch_size), _outputs(other, images, others, batch_size)
    pairs = [(i, j) for i, one in enumerate(X) if _varies(one) for j, two in enumerate(Y) if _varies(two)]
    values = np.full((len(own), len(others)), np.nan)
    for pair, found in zip(pairs, similarities(measure, X, Y, pairs), strict=True):
        values[pair] = found
    return LayerSimilarity(tuple(own), tuple(others), values)


def similarities(
    measure: Callable[..., float], X: Sequence[ArrayLike], Y: Sequence[ArrayLike], pairs: Sequence[tuple[int, int]]
) -> list[float]:
    """Return a measure of some pairs of features, each of which is made ready once.

    Parameters
    ----------
    measure : callable
    X, Y : sequence of array_like of shape (N, ...)
        All of the same N images.
    pairs : sequence of pair of int
        An index into `X` and one into `Y`.
    """
    if measure not in ROTATION_FREE:
        return [float(measure(X[i], Y[j])) for i, j in pairs]
    first, second = ({pair[side] for pair in pairs} for side in (0, 1))
    x = _columns(X, first | second if Y is X else first)
    y = x if Y is X else _columns(Y, second)
    return [float(measure(x[i], y[j])) for i, j in pairs]


def _columns(features: Sequence[ArrayLike], asked: set[int]) -> dict[int, Array]:
    """Return features with no more columns than images, by their index."""
    return {index: narrow(centred_features(f"features[{index}]", features[index], 5)) for index in sorted(asked)}


def _varies(outputs: Array) -> bool:
    return bool((outputs != outputs[:1]).any())


def _named(net: Network, layers: Sequence[str] | None) -> list[str]:
    return unit_outputs(net) if layers is None else [one_of("layers", name, net.names) for name in layers]


def _outputs(net: Network, images: Array, layers: Sequence[str], batch_size: int) -> list[Array]:
    """Return the outputs of some layers for all images."""
    traces = (net.trace(images[rows]) for rows in chunks(len(images), batch_size))
    parts = [[trace[name] for name in layers] for trace in traces]
    return [np.concatenate(of_layer) for of_layer in zip(*parts, strict=True)]
