"""What the parts of a network cost in time, and what it would be without them."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from tinynet.classes import predicted
from tinynet.explain.ablation.knockouts import knockout_sweep
from tinynet.explain.design.units import hidden_layers
from tinynet.explain.units.contributions import gradient_times_activation
from tinynet.explain.units.filters import Unit, rank_units
from tinynet.network import Network
from tinynet.types import Array

NOTHING = 0.005  # of the images that may be misclassified in addition: a knock-out that costs less costs nothing
TIMED = 64  # images
REPEATS = 3


def seconds(net: Network, x: Array) -> dict[str, float]:
    """Return how long each layer's forward pass takes for an image: the best of three, of 64 images at most.

    Parameters
    ----------
    net : Network
    x : ndarray of shape (N, *input_shape)
    """
    images = x[:TIMED]
    trace = net.trace(images)
    found = {}
    for layer, before in zip(net.layers, net.names, strict=False):
        spent = []
        for _ in range(REPEATS):
            start = time.perf_counter()
            layer.forward(trace[before])
            spent.append(time.perf_counter() - start)
        found[layer.name] = min(spent) / len(images)
    return found


def free_units(net: Network, x: Array, labels: NDArray[np.int64], batch_size: int = 256) -> list[Unit]:
    """Return hidden units that can all be knocked out at once at no cost: as many as a search by halves finds.

    Parameters
    ----------
    net : Network
        A classifier.
    x : ndarray of shape (N, *input_shape)
    labels : ndarray of shape (N,)
    batch_size : int

    Returns
    -------
    list of Unit
        Those with the smallest contributions, smallest first.

    Notes
    -----
    Units are put in the order of the mean size of gradient times activation of the margin, which to first order is what
    a knock-out changes (Molchanov et al. 2017). The order is a guess, the verdict is not: without all units that are
    returned, at most 0.5 % of the images are misclassified in addition. Errors need not grow with every unit, so there
    may be more.
    """
    outputs = [output for _, output in hidden_layers(net)]
    products = gradient_times_activation(net, x, labels, "margin", layers=outputs, batch_size=batch_size)
    order = rank_units({name: np.abs(found).mean(axis=0) for name, found in products.items()}, strongest_first=False)
    allowed = _errors(net, x, labels, [], batch_size) + NOTHING * len(x)
    fine, too_many = 0, len(order) + 1
    while too_many - fine > 1:
        count = (fine + too_many) // 2
        if _errors(net, x, labels, order[:count], batch_size) <= allowed:
            fine = count
        else:
            too_many = count
    return order[:fine]


def free_layers(net: Network, x: Array, labels: NDArray[np.int64], batch_size: int = 256) -> list[str]:
    """Return the hidden layers of weights that can be left out, one at a time, at no cost.

    Parameters
    ----------
    net, x, labels, batch_size
        As in :func:`free_units`.

    Returns
    -------
    list of str
        Only layers whose units are as many as their inputs can be: what came in goes on instead.
    """
    allowed = _errors(net, x, labels, [], batch_size) + NOTHING * len(x)
    found = []
    for weights, output in hidden_layers(net):
        start = net.names.index(weights.name) - 1
        if net.shapes[net.names[start]] == net.shapes[output]:
            without = net.with_layers([*net.layers[:start], *net.layers[net.names.index(output) :]])
            if np.sum(predicted(without(x, batch_size)) != labels) <= allowed:
                found.append(weights.name)
    return found


def _errors(net: Network, x: Array, labels: NDArray[np.int64], units: list[Unit], batch_size: int) -> int:
    """Return how many images are misclassified without some units."""
    chosen: dict[str, list[int]] = {}
    for layer, unit in units:
        chosen.setdefault(layer, []).append(unit)
    (outputs,) = knockout_sweep(net, x, [chosen], batch_size=batch_size)
    return int(np.sum(predicted(outputs) != labels))
