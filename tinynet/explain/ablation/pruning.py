"""Can the network do without some units? Units physically removed, with whatever read their outputs."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tinynet.layers import (
    AvgPool2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPool2D,
    ReLU,
    Sigmoid,
    Softplus,
    Step,
    Tanh,
)
from tinynet.network import Network
from tinynet.network.knockouts import Units
from tinynet.signatures import checked

KEEP_ZERO = (Tanh, ReLU, Step, MaxPool2D, AvgPool2D, Dropout, Flatten)
KEEP_UNITS_APART = (*KEEP_ZERO, Sigmoid, Softplus)


@checked
def pruned(net: Network, units: Units) -> Network:
    """Return a smaller network without some units.

    Parameters
    ----------
    net : Network
        The network to make smaller; it stays as it is.
    units : mapping of str to sequence of int, or sequence of Unit
        For each named output the units to remove: filters, or single units of dense layers; or pairs of a name and a
        number, as :func:`tinynet.rank_units` returns them.

    Returns
    -------
    Network
        With parameters of its own, so that it can be trained again.

    Raises
    ------
    UnknownLayerError, ValueError
        If there is no such unit, it cannot be removed (inputs and classes stay), no unit would be left, or a layer
        stands behind it of which it is not known that a silent unit stays silent.

    Notes
    -----
    A unit that always puts out 0 adds nothing to the sums of the next affine layer. So its own weights can go, and
    with them the next layer's weights for its output: a slice of the filters of a convolution; a column of a dense
    layer, or behind `Flatten` one column for each place of the unit's map. What is left computes what
    ``net.knocked_out(units)`` does, with less work. That holds if 0 stays 0 on the way to the next affine layer, as it
    does in tanh, ReLU and pools, not in a sigmoid.

    References
    ----------
    Lo 2016, section 4.5, as future work; Molchanov et al. 2017.
    """
    removed = _removed(net, net.check_units(units))
    layers: list[Layer] = []
    writer: Layer | None = None
    for layer in net.layers:
        if isinstance(layer, (Conv2D, Dense)):
            layers.append(_smaller(layer, _kept(removed, layer), _inputs(layer, writer, removed)))
            writer = layer
        else:
            layers.append(layer.with_params({key: array.copy() for key, array in layer.params.items()}))
    return net.with_layers(layers)


def _removed(net: Network, units: Mapping[str, Sequence[int]]) -> dict[str, set[int]]:
    """Return the units that each affine layer loses, having checked that they may go."""
    removed: dict[str, set[int]] = {}
    for name, chosen in units.items():
        writer = _writer(net, name)
        _check_way(net, writer, name)
        removed.setdefault(writer.name, set()).update(chosen)
    for name, gone in removed.items():
        if len(gone) == net.shapes[name][0]:
            raise ValueError(f"{name}: all of its {len(gone)} units would be removed; leave at least one")
    return removed


def _writer(net: Network, name: str) -> Layer:
    """Return the affine layer whose units a named output shows."""
    for layer in reversed(net.layers[: net.names.index(name)]):
        if isinstance(layer, (Conv2D, Dense)):
            if net.shapes[layer.name][0] != net.shapes[name][0]:
                raise ValueError(f"{name}: its units are single places of maps; name the output of the filters instead")
            return layer
        if not isinstance(layer, KEEP_UNITS_APART):
            raise ValueError(f"{name}: behind {layer.name}, which may mix units, so they cannot be removed one by one")
    raise ValueError(f"{name}: inputs cannot be removed, only units that have weights of their own")


def _check_way(net: Network, writer: Layer, name: str) -> None:
    """Raise if a unit that is silent at the output `name` may be heard by the next affine layer."""
    start = net.names.index(writer.name)
    behind = net.layers[start:]
    affine = [at for at, layer in enumerate(behind) if isinstance(layer, (Conv2D, Dense))]
    if not affine:
        raise ValueError(f"{name}: its units are the network's outputs, which cannot be removed")
    for layer in behind[: affine[0]]:
        silent_already = net.names.index(layer.name) > net.names.index(name)
        if not isinstance(layer, KEEP_ZERO if silent_already else KEEP_UNITS_APART):
            raise ValueError(
                f"{name}: {layer.name} stands between it and the next layer of weights and need not keep a silent unit "
                f"silent, so removing units would not be the same as knocking them out"
            )


def _kept(removed: Mapping[str, set[int]], layer: Layer) -> NDArray[np.int64]:
    gone = removed.get(layer.name, set())
    return np.array([unit for unit in range(len(layer.params["W"])) if unit not in gone])


def _inputs(layer: Layer, writer: Layer | None, removed: Mapping[str, set[int]]) -> NDArray[np.int64]:
    """Return which of a layer's inputs are left: those of the units of the affine layer before it that are kept."""
    inputs = np.arange(layer.params["W"].shape[1])
    if writer is None or writer.name not in removed:
        return inputs
    by_unit = inputs.reshape(len(writer.params["W"]), -1)
    return np.asarray(by_unit[_kept(removed, writer)].ravel())


def _smaller(layer: Conv2D | Dense, outputs: NDArray[np.int64], inputs: NDArray[np.int64]) -> Layer:
    smaller = copy.copy(layer)
    smaller.params = {"W": layer.params["W"][outputs][:, inputs]}
    if "b" in layer.params:
        smaller.params["b"] = layer.params["b"][outputs]
    setattr(smaller, "filters" if isinstance(layer, Conv2D) else "units", len(outputs))
    return smaller
