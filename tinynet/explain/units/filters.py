"""Which filters matter, and which places? The size of gradients over a map, or over the channels; rankings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import boolean, real_array, whole_number, wrong
from tinynet.explain import norms
from tinynet.network import Network
from tinynet.signatures import checked, hinting


class Unit(NamedTuple):
    """A filter or a single unit: the name of the layer whose output it is, and its index there, from 0."""

    layer: str
    unit: int


@hinting
def convolutional_gradient(
    gradient: ArrayLike | Mapping[str, ArrayLike], norm: str = "frobenius", *, per_pixel: bool = False
) -> Any:
    """Return the convolutional gradient: one number a filter, the size of its map of gradients.

    Parameters
    ----------
    gradient : array_like of shape (..., C, H, W), or mapping of str to such
        Gradients with respect to the outputs of convolutional layers.
    norm : {"frobenius", "max", "l1"}
        Root of the sum of squares, largest absolute value, or sum of absolute values over the map.
    per_pixel : bool
        Make maps of different size comparable: the root of the mean of squares, and the mean of absolute values.

    Returns
    -------
    ndarray of shape (..., C), or dict of str to such

    References
    ----------
    Lo, Cohen and Ding 2015, section III.D; Lo 2016, section 3.2.2.
    """
    return _of_maps(gradient, (-2, -1), norm, mean=boolean("per_pixel", per_pixel))


@hinting
def saliency(gradient: ArrayLike | Mapping[str, ArrayLike], norm: str = "frobenius") -> Any:
    """Return the saliency map: one number a place, the size of the gradients of all channels there.

    Parameters
    ----------
    gradient : array_like of shape (..., C, H, W), or mapping of str to such
        Gradients with respect to images or to the outputs of convolutional layers.
    norm : {"frobenius", "max", "l1"}
        Root of the sum of squares, largest absolute value, or sum of absolute values over the channels.

    Returns
    -------
    ndarray of shape (..., H, W), or dict of str to such

    References
    ----------
    Lo 2016, section 3.2.2; Simonyan et al. 2014, section 3 (the largest absolute value).
    """
    return _of_maps(gradient, (-3,), norm)


@checked
def rank_units(
    scores: Mapping[str, ArrayLike], *, label: int | None = None, strongest_first: bool = True
) -> list[Unit]:
    """Return all units in the order of their scores.

    Parameters
    ----------
    scores : mapping of str to array_like of shape (units,)
        One number a unit, by the name of the layer. With `label` of shape (K, units), as
        :func:`tinynet.explain.class_scores` returns them.
    label : int, optional
        The class whose scores are ranked.
    strongest_first : bool
        Whether the largest score comes first or last. Ties keep the order of layers and units.

    Returns
    -------
    list of Unit

    Examples
    --------
    >>> import tinynet as tn
    >>> tn.rank_units({"tanh1": [0.1, 0.7], "tanh2": [0.4]})
    [Unit(layer='tanh1', unit=1), Unit(layer='tanh2', unit=0), Unit(layer='tanh1', unit=0)]
    >>> tn.rank_units({"tanh1": [[0.1, 0.7], [0.3, 0.2]]}, label=1)
    [Unit(layer='tanh1', unit=0), Unit(layer='tanh1', unit=1)]
    """
    if not isinstance(scores, Mapping):
        raise wrong("scores", scores, 'a mapping from names of layers to numbers, such as {"tanh1": [0.1, 0.7]}')
    units, values = [], []
    for layer, numbers in scores.items():
        array = real_array(f"scores of {layer}", numbers).astype(float)
        if label is None and array.ndim == 2:
            raise ValueError(f"{layer}: scores have shape {array.shape}; label= says which class's row is ranked")
        if label is not None:
            array = real_array(f"scores of {layer}", array, ("classes", "units"))
            array = array[whole_number("label", label, 0, len(array) - 1)]
        if array.ndim != 1 or np.isnan(array).any():
            raise ValueError(f"{layer}: scores have shape {array.shape} or hold NaN, expected one number a unit")
        units += [Unit(layer, index) for index in range(len(array))]
        values.append(array)
    flat = np.concatenate(values) if values else np.zeros(0)
    order = np.argsort(-flat if boolean("strongest_first", strongest_first) else flat, kind="stable")
    return [units[position] for position in order]


def _of_maps(
    gradient: ArrayLike | Mapping[str, ArrayLike], axes: tuple[int, ...], kind: str, *, mean: bool = False
) -> Any:
    if isinstance(gradient, Network):
        raise wrong("gradient", gradient, 'gradients, such as prediction_gradient(net, x, target)["input"]')
    if isinstance(gradient, Mapping):
        for name, values in gradient.items():
            if isinstance(values, np.ndarray) and values.ndim < 3:
                first = next(iter(gradient))
                raise ValueError(f"gradient: {name} has no maps; pass those of one output, such as gradient[{first!r}]")
        return {name: _of_maps(maps, axes, kind, mean=mean) for name, maps in gradient.items()}
    maps = real_array("gradient", gradient, ("...", "channels", "height", "width"))
    return norms.norm(maps, axes, kind, mean=mean)
