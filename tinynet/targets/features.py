"""What does a unit want to see? A target for it, propagated down to the pixels."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import finite_array, instance
from tinynet.layers.base import TargetRule
from tinynet.losses import Loss
from tinynet.network import Network, UnknownLayerError, checked_network, chunks, part_size
from tinynet.targets.gradient import GradientTargets
from tinynet.types import Array, Shape

UnitIndex: TypeAlias = int | tuple[int, int, int]
UnitChoice: TypeAlias = UnitIndex | Sequence[UnitIndex | Sequence[UnitIndex]] | Array

AS_THE_AUTHORS = GradientTargets()


def extract_feature(
    net: Network,
    layer: str,
    units: UnitChoice,
    rule: TargetRule = AS_THE_AUTHORS,
    start: ArrayLike | None = None,
    loss: Loss | None = None,
) -> Array:
    """Return the feature of units by target propagation: what the network should be shown for them to be active.

    Parameters
    ----------
    net : Network
        Trained.
    layer : str
        Name of the layer whose units are asked about, hidden or last, such as ``net.names[-1]``.
    units : int, sequence or ndarray of float
        One unit; or a sequence, with one feature for each entry, which is a unit or again a sequence: a set of units
        that are to be active together. A unit is its number; of feature maps it is a whole map, or one place of it as
        a tuple ``(map, row, column)``. Floats are targets themselves, of shape (..., *shape of the layer's output).
    rule : TargetRule
        How targets are carried back; `GradientTargets()` if not given.
    start : array_like that broadcasts to input_shape, optional
        The image that the network is shown first; zeros if not given.
    loss : Loss, optional
        What the targets of the last layer go into, such as `BinaryCrossEntropy()`: the way down begins where its
        gradient does. The squared error if not given, which goes with any layer.

    Returns
    -------
    ndarray of shape (..., *input_shape)
        The target for the input, with one leading axis for a sequence, none for one unit, and those of float targets.

    Raises
    ------
    ValueError
        If there is no such unit, targets or the start have another shape, or a loss is of another layer.
    UnknownLayerError
        If there is no such layer.

    Notes
    -----
    Forward from the start up to the layer; there the target is 1 for the units asked about and 0 for all others;
    back down, layer by layer, to t_0. The start is run once for all units, whose targets are then carried down
    together, as many at a time as the cache holds.

    Examples
    --------
    >>> import tinynet as tn
    >>> net = tn.Network([tn.Flatten(), tn.Dense(8), tn.Tanh(), tn.Dense(3), tn.Sigmoid()], (1, 5, 5))
    >>> tn.extract_feature(net, "sigmoid1", range(3)).shape
    (3, 1, 5, 5)
    >>> tn.extract_feature(net, "tanh1", [[0, 4], [2]]).shape
    (2, 1, 5, 5)

    References
    ----------
    de Souza Farias and Maziero, algorithm 1.
    """
    image = starting_image(net, start)
    trace, targets = net.trace(image), unit_targets(net, layer, units)
    if loss is None:
        return carried_down(net, layer, targets, lambda part: net.propagate_targets(trace, part, rule, at=layer).input)
    at = instance("loss", loss, Loss).at(net)
    if layer != net.names[-1]:
        raise ValueError(f"loss is of {net.names[-1]}, the last layer; got units of {layer}")

    def carry(part: Array) -> Array:
        shown = net.trace(np.broadcast_to(image, (len(part), *image.shape)))
        return net.propagate_targets(shown, loss.target(net, shown, part), rule, at=at).input

    return carried_down(net, layer, targets, carry)


def carried_down(net: Network, layer: str, stack: Array, carry: Callable[[Array], Array]) -> Array:
    """Return targets or seeds of a layer, carried down to the input part by part.

    Parameters
    ----------
    net : Network
    layer : str
        Name of the layer.
    stack : ndarray of shape (..., *shape of the layer's output)
        Targets or seeds.
    carry : callable
        From some of them, of shape (n, *shape of the layer's output), to an array of shape (n, *input_shape).

    Returns
    -------
    ndarray of shape (..., *input_shape)
    """
    shape = net.shapes[layer]
    flat = stack.reshape(-1, *shape)
    found = np.empty((len(flat), *net.input_shape), net.dtype)
    for part in chunks(len(flat), part_size(net)):
        found[part] = carry(flat[part])
    return found.reshape(*stack.shape[: stack.ndim - len(shape)], *net.input_shape)


def unit_targets(net: Network, layer: str, units: UnitChoice) -> Array:
    """Return targets for the output of a layer: 1 for the units asked about, 0 for all others.

    Parameters
    ----------
    net, layer, units
        As in :func:`extract_feature`.

    Returns
    -------
    ndarray of shape (..., *shape of the layer's output)
    """
    if not isinstance(layer, str) or layer not in net.shapes:
        raise UnknownLayerError(layer, net.names)
    shape = net.shapes[layer]
    if isinstance(units, np.ndarray) and units.dtype.kind in "iu":
        units = units.tolist()
    if _has_floats(units):
        return _as_targets(units, layer, shape).astype(net.dtype)
    if _is_unit(units, shape):
        return _target_of([units], layer, shape).astype(net.dtype)
    sets = [[entry] if _is_unit(entry, shape) else _listed(entry, layer) for entry in _listed(units, layer)]
    targets = np.zeros((len(sets), *shape), net.dtype)
    for target, chosen in zip(targets, sets, strict=True):
        target[...] = _target_of(chosen, layer, shape)
    return targets


def starting_image(net: Network, start: ArrayLike | None) -> Array:
    """Return the image that a search for features starts at: zeros, unless there is one.

    Parameters
    ----------
    net : Network
    start : array_like that broadcasts to input_shape, optional

    Raises
    ------
    ValueError
        If it is of another shape, or holds what is no finite number.
    """
    checked_network(net)
    image = finite_array("start", 0.0 if start is None else start, net.dtype)
    if image.ndim > len(net.input_shape) or any(
        length not in (1, wanted) for length, wanted in zip(image.shape[::-1], net.input_shape[::-1], strict=False)
    ):
        raise ValueError(f"start has shape {image.shape}, expected {net.input_shape}")
    return np.broadcast_to(image, net.input_shape)


def _has_floats(units: Any) -> bool:
    if isinstance(units, np.ndarray):
        return units.dtype.kind == "f"
    if isinstance(units, (list, tuple)):
        return any(map(_has_floats, units))
    return isinstance(units, (float, np.floating))


def _as_targets(units: Any, layer: str, shape: Shape) -> Array:
    try:
        targets = np.asarray(units, np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{layer}: targets are {units!r}, expected an array of floats") from None
    if targets.shape[max(targets.ndim - len(shape), 0) :] != shape:
        raise ValueError(
            f"{layer}: units are targets of shape {targets.shape}, expected (..., {', '.join(map(str, shape))})"
        )
    if not np.isfinite(targets).all():
        raise ValueError(f"{layer}: units: a target holds a value that is not a finite number")
    return targets


def _is_unit(entry: Any, shape: Shape) -> bool:
    """Return whether an entry is one unit; of a vector's units there are no places, so a tuple is a sequence."""
    number = isinstance(entry, (int, np.integer)) and not isinstance(entry, bool)
    return number or (isinstance(entry, tuple) and len(shape) > 1)


def _listed(entries: Any, layer: str) -> list[Any]:
    if isinstance(entries, np.ndarray):
        entries = entries.tolist()
    if not isinstance(entries, (Sequence, Set)) or isinstance(entries, str):
        raise ValueError(f"{layer}: units are {entries!r}, expected a unit, a sequence of units or of sets of them")
    return list(entries)


def _target_of(chosen: Sequence[Any], layer: str, shape: Shape) -> Array:
    """Return ones at the units of a set, and zeros elsewhere."""
    target = np.zeros(shape)
    if not chosen:
        raise ValueError(f"{layer}: a set of units is empty")
    for unit in chosen:
        place = unit if isinstance(unit, tuple) else (unit,)
        whole = len(place) == 1 or len(place) == len(shape)
        if not whole or not all(_is_below(i, length) for i, length in zip(place, shape, strict=False)):
            places = f", or one of its places (of shape {shape})" if len(shape) > 1 else ""
            raise ValueError(f"{layer}: no unit {unit!r}: there are {shape[0]}, numbered from 0{places}")
        if target[place].any():
            raise ValueError(f"{layer}: unit {unit!r} is named twice in a set; targets are told by being floats")
        target[place] = 1
    return target


def _is_below(index: Any, length: int) -> bool:
    return isinstance(index, (int, np.integer)) and not isinstance(index, bool) and 0 <= int(index) < length
