"""Backward passes with another rule at ReLUs: the deconvolutional network and guided backpropagation.

All three passes carry a signal R down through the transposed weights, without biases, and to the winners of maxima.
They differ in one line, at a ReLU with the net input u:

    gradient                 R (u > 0)
    deconvolution            max(R, 0)
    guided backpropagation   max(R, 0) (u > 0)

Nothing is clipped after the lowest weights, so pixels may be negative.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import boolean
from tinynet.explain.attribution.question import Question, parts
from tinynet.explain.attribution.result import Attribution
from tinynet.layers import Layer, ReLU
from tinynet.layers.activation import Activation
from tinynet.network import Network, UnknownLayerError
from tinynet.signatures import checked
from tinynet.targets.features import UnitChoice, unit_targets
from tinynet.types import Array


@checked
def guided_backpropagation(
    net: Network,
    x: ArrayLike,
    target: int | str | ArrayLike,
    of: str = "logit",
    *,
    layer: str = "input",
    batch_size: int | None = None,
) -> Attribution:
    """Return the gradient of a prediction, passed on only where it and the unit are positive (guided backpropagation).

    Parameters
    ----------
    net : Network
        A classifier whose activation functions are ReLUs, but for the last.
    x : array_like of shape (N, *input_shape)
        Images.
    target : int, array_like of shape (N,) or "all"
        The class asked about.
    of : {"logit", "probability", "log_probability", "margin"}
        Which prediction.
    layer : str
        Down to whose values; the pixels if not given.
    batch_size : int, optional
        Images worked through at a time.

    Returns
    -------
    Attribution
        In a network without activation functions it is the gradient.

    Raises
    ------
    ValueError
        If there are other activation functions below: the rule is defined for ReLUs alone.

    Warnings
    --------
    The picture hardly depends on the class or on the weights of upper layers: it is nearly the same when they are
    drawn anew (Adebayo et al. 2018). It shows what a network can see at all, and is no evidence of what it uses.

    References
    ----------
    Springenberg et al. 2015, section 3.4.
    """
    question = Question(net, x, target, of, batch_size=batch_size)
    check_relus(net, net.logits, "guided backpropagation")

    def work(rows: slice) -> tuple[Array]:
        trace = question.trace(rows)
        start = question.at_logits(trace, question.classes(rows))
        return (net.carry_back(trace, start, guided, at=net.logits, down_to=layer)[layer],)

    (values,) = question.collected(work)
    return Attribution(values, "guided backpropagation", of)


@checked
def deconvolution(
    net: Network,
    x: ArrayLike,
    layer: str,
    units: UnitChoice,
    *,
    strongest: bool = False,
    batch_size: int | None = None,
) -> Array:
    """Return what in each image drives some units, projected down to the pixels (deconvolutional network).

    Parameters
    ----------
    net : Network
        Its activation functions up to the layer are ReLUs.
    x : array_like of shape (N, *input_shape)
        Images.
    layer : str
        Whose units.
    units : int, or sequence of int or of tuple
        As in :func:`tinynet.extract_feature`: a number is a unit, or a whole feature map; (map, row, column) is one
        place of it.
    strongest : bool
        Whether of what is asked about, such as a whole map, the place of the highest activation alone is projected.
    batch_size : int, optional
        Images worked through at a time.

    Returns
    -------
    ndarray of shape (N, *input_shape), or (units, N, *input_shape) for a sequence of units
        The seed is the unit's activation, and 0 for all other units of the layer.

    Raises
    ------
    ValueError
        If an activation function up to the layer is no ReLU.

    Notes
    -----
    The map is homogeneous: three times the activation gives three times the picture. Maxima hand the signal to the
    place that won in the forward pass (the switches). Where pooling windows overlap, a winner of several gets their
    sum, as in a backward pass; Zeiler and Fergus write one of them.

    Warnings
    --------
    Like guided backpropagation, it hardly depends on the weights above the lowest layers (Adebayo et al. 2018).

    References
    ----------
    Zeiler and Fergus 2014, section 2.1.
    """
    images = net.as_batch(x)
    boolean("strongest", strongest)
    check_relus(net, layer, "deconvolution")
    chosen = unit_targets(net, layer, units)  # ones at the units asked about
    of_one = chosen.ndim == len(net.shapes[layer])
    masks = chosen if of_one else chosen[:, None]

    def project(rows: slice) -> Array:
        trace = net.trace(images[rows])
        outputs = trace[layer]
        kept = _highest(masks, outputs) if strongest else masks
        return net.carry_back(trace, kept * outputs, deconvolved, at=layer).input

    return np.concatenate([project(rows) for rows in parts(net, len(images), batch_size)], axis=0 if of_one else 1)


def _highest(masks: Array, outputs: Array) -> Array:
    """Return masks that keep, of what they kept for each image, the place of the highest output alone."""
    seen = np.where(masks != 0, outputs, -np.inf)
    flat = seen.reshape(*seen.shape[: seen.ndim - outputs.ndim + 1], -1)
    first = np.arange(flat.shape[-1]) == flat.argmax(axis=-1)[..., None]
    return first.reshape(seen.shape) * masks


def guided(layer: Layer, signal: Array, x: Array, y: Array) -> Array:
    """Carry a signal through one layer as guided backpropagation does.

    Parameters
    ----------
    layer : Layer
    signal : ndarray of shape (..., *output_shape)
    x, y : ndarray
        Input and output of the layer.
    """
    return np.maximum(signal, 0) * (x > 0) if isinstance(layer, ReLU) else layer.backward(signal, x, y)


def deconvolved(layer: Layer, signal: Array, x: Array, y: Array) -> Array:
    """Carry a signal through one layer as the deconvolutional network does.

    Parameters
    ----------
    layer : Layer
    signal : ndarray of shape (..., *output_shape)
    x, y : ndarray
        Input and output of the layer.
    """
    return np.maximum(signal, 0) if isinstance(layer, ReLU) else layer.backward(signal, x, y)


def check_relus(net: Network, at: str, method: str) -> None:
    """Raise if an activation function up to an output is no ReLU.

    Parameters
    ----------
    net : Network
    at : str
        Name of the output.
    method : str
        What the user calls the method.

    Raises
    ------
    UnknownLayerError, ValueError
        If there is no such output; naming the first such layer, and what to use instead.
    """
    if at not in net.names:
        raise UnknownLayerError(at, net.names)
    for layer in net.layers[: net.names.index(at)]:
        if isinstance(layer, Activation) and not isinstance(layer, ReLU):
            raise ValueError(
                f"{method}: {layer.name} is a {type(layer).__name__}, and the rule is defined for ReLUs alone; use "
                f"prediction_gradient, smooth_gradient or relevance"
            )
