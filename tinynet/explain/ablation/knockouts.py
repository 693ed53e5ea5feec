"""What happens without a unit? Knock-outs, one after the other or many side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from tinynet import kernels
from tinynet.arguments import whole_number, wrong
from tinynet.classes import check_labels, class_count, predicted
from tinynet.layers import KnockOut
from tinynet.network import Network, Trace, checked_network, chunks, read_only
from tinynet.network.knockouts import Units, by_layer, one_by_one
from tinynet.notebook import ShownInBrief
from tinynet.signatures import checked
from tinynet.types import Array


@dataclass(frozen=True, repr=False)
class KnockoutCurve(ShownInBrief):
    """Errors as units are knocked out one after the other.

    Attributes
    ----------
    error : ndarray of shape (M + 1,)
        Share of all images that are misclassified without the first 0, 1, ..., M units.
    class_error : ndarray of shape (M + 1, K)
        The same among the images of each class; NaN for a class without images.
    predictions : ndarray of shape (M + 1, N)
        The class that each image is predicted as.
    """

    error: Array
    class_error: Array
    predictions: Array


@checked
def knockout_curve(
    net: Network,
    x: ArrayLike,
    labels: ArrayLike,
    order: Units,
    replace: str | ArrayLike | Mapping[str, ArrayLike] = "zero",
    batch_size: int = 256,
) -> KnockoutCurve:
    """Return the errors of a network as its units are knocked out one after the other, cumulatively.

    Parameters
    ----------
    net : Network
        A classifier of K classes.
    x : array_like of shape (N, *input_shape)
        Images.
    labels : array_like of shape (N,)
        Their classes.
    order : sequence of Unit, or mapping of str to sequence of int
        What goes first, second, ...: pairs of a layer's name and a unit's index, as `rank_units` returns them; or for
        each output its units, in the order in which they stand.
    replace : "zero", "mean", "bias", array_like or mapping
        What stands in the place of their outputs, as in :meth:`Network.knocked_out`; "mean" is over `x`.
    batch_size : int
        Images worked through at a time.

    Returns
    -------
    KnockoutCurve

    References
    ----------
    Lo, Cohen and Ding 2015, section V.C.
    """
    units = [(name, whole_number(f"{name}: unit", number, 0)) for name, number in one_by_one(order, "order")]
    wanted = check_labels(labels, class_count(checked_network(net)), len(net.as_batch(x)))
    steps = [by_layer(units[:count]) for count in range(len(units) + 1)]
    outputs = knockout_sweep(net, x, steps, replace, batch_size)
    classes = class_count(net)
    predictions = predicted(outputs)
    wrong = predictions != wanted
    members = np.eye(classes)[wanted]
    with np.errstate(invalid="ignore"):
        class_error = wrong @ members / members.sum(axis=0)
        error = wrong.sum(axis=1) / np.float64(len(wanted))
    return KnockoutCurve(error, class_error, predictions)


@checked
def knockout_sweep(
    net: Network,
    x: ArrayLike,
    candidates: Sequence[Units],
    replace: str | ArrayLike | Mapping[str, ArrayLike] = "zero",
    batch_size: int = 256,
) -> Array:
    """Return the outputs under each of several knock-outs, sharing all the work that can be shared.

    Parameters
    ----------
    net : Network
        A classifier.
    x : array_like of shape (N, *input_shape)
        Images.
    candidates : sequence of mapping of str to sequence of int, or of sequences of Unit
        S sets of units, each as :meth:`Network.knocked_out` takes them; an empty one leaves the network as it is.
    replace : "zero", "mean", "bias", array_like or mapping
        What stands in the place of their outputs.
    batch_size : int
        Images, times knock-outs side by side, worked through at a time.

    Returns
    -------
    ndarray of shape (S, N, *output_shape)
        Equal to ``net.knocked_out(candidate, replace)(x)`` for each candidate.

    Notes
    -----
    Nothing in front of the first unit knocked out changes, so each candidate starts from the activation that one
    forward pass left there; candidates that start at the same layer run as one stack, on a leading axis.
    """
    images = checked_network(net).as_batch(x)
    if not isinstance(candidates, Sequence) or not all(isinstance(units, (Mapping, list)) for units in candidates):
        raise wrong("candidates", candidates, 'a list of sets of units, such as [{"tanh1": [0, 2]}]')
    layers = _knockout_layers(net, [net.check_units(units) for units in candidates], replace, images)
    first = [min((net.names.index(name) for name in found), default=len(net.layers)) for found in layers]
    outputs = np.empty((len(layers), len(images), *net.output_shape), net.dtype)
    for rows in chunks(len(images), batch_size):
        trace = net.trace(images[rows])
        side_by_side = max(1, batch_size // len(trace.output))
        for start in sorted(set(first)):
            members = [index for index, where in enumerate(first) if where == start]
            for low in range(0, len(members), side_by_side):
                chosen = members[low : low + side_by_side]
                outputs[chosen, rows] = _run_stack(net, trace, start, [layers[index] for index in chosen])
    return outputs


def _knockout_layers(
    net: Network,
    candidates: Sequence[dict[str, list[int]]],
    replace: str | ArrayLike | Mapping[str, ArrayLike],
    x: Array,
) -> list[dict[str, KnockOut]]:
    """Return the knock-out layers of each candidate; a mean or a bias is computed once for all of them."""
    kinds: dict[str, Callable[[str], Array]] = {"mean": partial(net.mean_activation, x), "bias": net.bias_activation}
    if not (isinstance(replace, str) and replace in kinds):
        return [net.knockout_layers(units, replace) for units in candidates]
    values = {name: kinds[replace](name) for name in {name for units in candidates for name in units}}
    return [
        net.knockout_layers(units, {name: values[name][chosen] for name, chosen in units.items()})
        for units in candidates
    ]


def _run_stack(net: Network, trace: Trace, start: int, stack: Sequence[Mapping[str, KnockOut]]) -> Array:
    """Run the layers behind position `start` for several knock-outs at once."""
    names = net.names
    activation = _silenced(net, trace[names[start]][None], names[start], stack)
    for name, layer in zip(names[start + 1 :], net.layers[start:], strict=True):
        activation = _silenced(net, layer.forward(read_only(activation)), name, stack)
    return activation


def _silenced(net: Network, activation: Array, name: str, stack: Sequence[Mapping[str, KnockOut]]) -> Array:
    """Return the activation (S or 1, N, *unit shape) with each candidate's units replaced."""
    if not any(name in layers for layers in stack):
        return activation
    changed = kernels.empty_batch((len(stack), activation.shape[1]), net.shapes[name], net.dtype)
    changed[...] = activation
    for candidate, layers in zip(changed, stack, strict=True):
        if name in layers:
            candidate[:, layers[name].units] = layers[name].values[layers[name].units]
    return changed
