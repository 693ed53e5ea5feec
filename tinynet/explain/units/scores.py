"""How strong is each unit? The size of its gradient, which is what the documents rank by."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tinynet.explain.units.filters import convolutional_gradient
from tinynet.network import Network
from tinynet.types import Array


def unit_scores(net: Network, gradients: Mapping[str, Array], names: list[str]) -> dict[str, Array]:
    """Return how strong each unit is: the convolutional gradient of a filter, the absolute gradient of a hidden unit.

    Parameters
    ----------
    net : Network
    gradients : mapping of str to ndarray of shape (..., *unit shape)
        Such as the class gradients, by output.
    names : list of str
        The outputs to score, such as `ranked_outputs` gives.

    Returns
    -------
    dict of str to ndarray of shape (..., units)
    """
    return {
        name: convolutional_gradient(gradients[name]) if len(net.shapes[name]) == 3 else np.abs(gradients[name])
        for name in names
    }
