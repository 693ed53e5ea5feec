"""How strong is each unit? The size of its gradient, as in the documents; and what is particular to a class."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import finite_array, wrong
from tinynet.explain.units.filters import convolutional_gradient
from tinynet.network import Network
from tinynet.signatures import checked
from tinynet.types import Array


@checked
def unit_scores(net: Network, gradients: Mapping[str, Array], names: list[str]) -> dict[str, Array]:
    """Return how strong each unit is: the convolutional gradient of a filter, the absolute gradient of a hidden unit.

    Parameters
    ----------
    net : Network
        The network of the gradients.
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


def checked_scores(scores: Mapping[str, ArrayLike]) -> dict[str, Array]:
    """Return scores of units, by output, having checked that all outputs score the same classes.

    Parameters
    ----------
    scores : mapping of str to array_like of shape (K, units)
        How much each unit matters for each class, by output.

    Raises
    ------
    ValueError
        If there are none, some hold NaN or infinity, or are of another shape.
    """
    if not isinstance(scores, Mapping) or not scores:
        raise wrong("scores", scores, 'a mapping from names of layers to arrays, such as {"tanh1": ...}')
    first = np.shape(next(iter(scores.values())))
    shape = (first[0] if len(first) == 2 else "K", "units")
    return {name: finite_array(f"scores of {name}", values, np.float64, shape) for name, values in scores.items()}


@checked
def particular_scores(scores: Mapping[str, ArrayLike]) -> dict[str, Array]:
    """Return what of each unit's score is particular to a class: relative to the mean of the classes, within its layer.

    Parameters
    ----------
    scores : mapping of str to array_like of shape (K, units)
        How much each unit matters for each class, by output, such as :func:`class_gradient_times_activation` returns.

    Returns
    -------
    dict of str to ndarray of shape (K, units)
        Scores less their mean over the classes, in units of the root mean square of the layer's differences. Zero
        where all classes agree, and for a single class.

    Notes
    -----
    A unit that matters for every class heads each class's ranking without saying anything of the class, and a layer of
    larger maps has larger scores. The mean takes the one away, the scale the other.
    """
    found = {}
    for name, numbers in checked_scores(scores).items():
        away = numbers - numbers.mean(axis=0)
        scaled = away / (np.abs(away).max(initial=0) or 1.0)  # first, so that squares of tiny numbers are not 0
        found[name] = scaled / (np.sqrt(np.square(scaled).mean()) or 1.0)
    return found
