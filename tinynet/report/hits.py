"""Whether characteristic features lie on what is known to tell a class from the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinynet.explain.units.characteristic import Feature
from tinynet.network import Network
from tinynet.plots import count_of


@dataclass(frozen=True)
class Hits:
    """Whether each class's characteristic feature lies on its planted feature.

    Attributes
    ----------
    hit : ndarray of shape (K,)
        Whether its box touches the planted feature in the class's typical image.
    chance : ndarray of shape (K,)
        Share of all boxes that would.
    """

    hit: NDArray[np.bool_]
    chance: NDArray[np.float64]

    def in_words(self) -> str:
        """Return how many there are, beside chance, as a sentence."""
        return (
            f"The box around the most characteristic feature touches the planted feature for {self.hit.sum()} of "
            f"{count_of(len(self.hit), 'class')}. Boxes put at random places would touch it for "
            f"{self.chance.sum():.1f} of them on average."
        )


def hits(net: Network, features: Sequence[Feature], masks: NDArray[np.bool_]) -> Hits | None:
    """Return which features hit, or None if something is planted in some classes only.

    Parameters
    ----------
    net : Network
    features : sequence of Feature
        One of each class.
    masks : ndarray of shape (K, H, W)
        Where the planted feature of each class is.
    """
    if not masks.any(axis=(1, 2)).all():
        return None
    return Hits(
        np.array([feature.touches(mask) for feature, mask in zip(features, masks, strict=True)]),
        np.array([chance(net, feature.layer, mask) for feature, mask in zip(features, masks, strict=True)]),
    )


def chance(net: Network, layer: str, mask: NDArray[np.bool_]) -> float:
    """Return the share of a layer's places whose box touches the mask, counted with sums over rectangles.

    Parameters
    ----------
    net : Network
    layer : str
    mask : ndarray of shape (H, W)
    """
    field = net.receptive_field(layer)
    height, width = net.shapes[layer][1:]
    rows = np.array([(seen.start, seen.stop) for seen in (field.box(place, 0)[0] for place in range(height))]).T
    columns = np.array([(seen.start, seen.stop) for seen in (field.box(0, place)[1] for place in range(width))]).T
    before = np.pad(mask.astype(np.int64).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    (top, bottom), (left, right) = rows, columns
    inside = before[bottom][:, right] - before[top][:, right] - before[bottom][:, left] + before[top][:, left]
    return float(np.mean(inside > 0))
