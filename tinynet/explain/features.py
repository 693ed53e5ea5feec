"""What is most characteristic of an image? The filter and the place of the highest gradient, and what it sees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tinynet.network import Network


class Feature(NamedTuple):
    """A unit of a feature map.

    Attributes
    ----------
    layer, unit : str, int
        The filter: the layer whose output it is, and its number there, from 0.
    place : pair of int
        Row and column in the filter's map.
    value : float
        The gradient there.
    box : pair of slice
        Rows and columns of the image that the unit sees.
    """

    layer: str
    unit: int
    place: tuple[int, int]
    value: float
    box: tuple[slice, slice]


def strongest_feature(net: Network, gradients: Mapping[str, NDArray[Any]], per_pixel: bool = False) -> Feature:
    """Return the unit with the highest gradient: where a little more activation helps the prediction most.

    Parameters
    ----------
    net : Network
    gradients : mapping of str to ndarray of shape (C, H, W)
        Of one image, or of one class, with respect to the outputs of filters.
    per_pixel : bool
        Compare layers by gradients relative to the root of their mean square, so that one layer's larger gradients do
        not decide alone.

    Returns
    -------
    Feature

    Raises
    ------
    ValueError
        If there are no gradients, or some are not those of one image's feature maps.

    Notes
    -----
    The place is mapped to its receptive field: the pixels that the unit sees, and no others.

    References
    ----------
    Lo 2016, section 4.3.1.
    """
    if not gradients:
        raise ValueError("there are no gradients to choose the strongest feature from")
    found = []
    for layer, gradient in gradients.items():
        field = net.receptive_field(layer)
        if gradient.shape != net.shapes[layer]:
            raise ValueError(f"{layer}: gradients have shape {gradient.shape}, expected {net.shapes[layer]}")
        scale = float(np.sqrt(np.mean(np.square(gradient)))) if per_pixel else 1.0
        unit, row, column = (int(i) for i in np.unravel_index(np.argmax(gradient), gradient.shape))
        value = float(gradient[unit, row, column])
        box = field.box(row, column)
        found.append((value / (scale or 1.0), Feature(layer, unit, (row, column), value, box)))
    return max(found, key=lambda entry: entry[0])[1]
