"""Which units are ranked, and how strong is each? Filters, or the hidden units of a network without filters."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tinynet.explain.units.filters import convolutional_gradient, filter_outputs
from tinynet.layers import Dense, Dropout, Flatten, KnockOut
from tinynet.network import Network
from tinynet.types import Array


def ranked_outputs(net: Network) -> list[str]:
    """Return the names of the outputs whose units are ranked: those of the filters or, without any, the hidden ones.

    Parameters
    ----------
    net : Network
        A classifier.

    Raises
    ------
    ValueError
        If it has neither filters nor hidden units.

    Examples
    --------
    >>> import tinynet as tn
    >>> ranked_outputs(tn.Network([tn.Dense(4), tn.Tanh(), tn.Dense(2), tn.Softmax()], input_shape=(3,)))
    ['tanh1']
    """
    names = filter_outputs(net) or _hidden_outputs(net)
    if not names:
        raise ValueError("the network has neither filters nor hidden units, so there is nothing to rank")
    return names


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


def _hidden_outputs(net: Network) -> list[str]:
    names = []
    in_front_of_logits = net.layers[: net.names.index(net.logits) - 1]
    for layer, behind in zip(in_front_of_logits, net.layers[1:], strict=False):
        if isinstance(layer, Dense):
            linear = bool(behind.params) or isinstance(behind, (Dropout, Flatten, KnockOut))
            activated = not linear and net.shapes[behind.name] == net.shapes[layer.name]
            names.append(behind.name if activated else layer.name)
    return names
