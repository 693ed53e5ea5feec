"""What does a unit's output add to a prediction? Activation times gradient, beside the size of the activation alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import wrong
from tinynet.explain.class_sums import ClassSums, class_weights
from tinynet.explain.gradients import prediction_gradient
from tinynet.explain.norms import norm
from tinynet.explain.prediction import Prediction
from tinynet.explain.units.outputs import ranked_outputs
from tinynet.network import Network, chunks
from tinynet.signatures import checked
from tinynet.types import Array


@checked
def gradient_times_activation(
    net: Network,
    x: ArrayLike,
    target: int | ArrayLike,
    of: str = "logit",
    *,
    layers: Sequence[str] | None = None,
    batch_size: int = 256,
) -> dict[str, Array]:
    """Return activation times prediction gradient of each unit, summed over its map, for each image.

    Parameters
    ----------
    net : Network
        A classifier.
    x : array_like of shape (N, *input_shape)
        Images.
    target : int or array_like of shape (N,)
        The class whose prediction is asked about: one for all images, or one an image.
    of : {"logit", "probability", "log_probability", "margin"}
        What is differentiated, as in :func:`tinynet.prediction_gradient`.
    layers : sequence of str, optional
        The outputs asked about; those of the filters, or of the hidden units, if not given.
    batch_size : int
        Images worked through at a time.

    Returns
    -------
    dict of str to ndarray of shape (N, units)

    Notes
    -----
    Without a unit, its output a becomes 0 and y(0) = y(a) - a dy/da + terms of second order. So this is what the
    prediction loses to first order when the unit is knocked out, which |dy/da| alone need not tell: a steep unit that
    is silent loses nothing. For logits and the last hidden layer it is exact.

    References
    ----------
    Molchanov et al. 2017, section 2.2; Lo 2016, section 3.2, for the gradient.
    """
    images = net.as_batch(x)
    if isinstance(target, str):
        raise wrong("target", target, "a class, or one class an image")
    labels = Prediction(net, of).classes_of(target, len(images))
    names = ranked_outputs(net) if layers is None else list(layers)
    found = {name: np.empty((len(images), net.shapes[name][0]), net.dtype) for name in names}
    for rows in chunks(len(images), batch_size):
        gradients = prediction_gradient(net, images[rows], labels[rows], of, layers=names)
        trace = net.trace(images[rows])
        for name in names:
            product = trace[name] * gradients[name]
            found[name][rows] = product.sum(axis=tuple(range(2, product.ndim)))
    return found


contribution = gradient_times_activation  # what a unit contributes: the same by its short name


@checked
def class_gradient_times_activation(
    net: Network,
    x: ArrayLike,
    labels: ArrayLike,
    of: str = "logit",
    *,
    layers: Sequence[str] | None = None,
    batch_size: int = 256,
) -> dict[str, Array]:
    """Return what each unit adds to the prediction of the true class, averaged over the images of each class.

    Parameters
    ----------
    net, x, of, layers, batch_size
        As in :func:`gradient_times_activation`.
    labels : array_like of shape (N,)
        The classes of the images; each class needs one.

    Returns
    -------
    dict of str to ndarray of shape (K, units)
        Signed: a unit below zero speaks against the class.

    Raises
    ------
    ValueError
        If a label is no class of the network, or a class has no images.
    """
    images = net.as_batch(x)
    weights = class_weights(net, labels, len(images))
    found = gradient_times_activation(net, images, labels, of, layers=layers, batch_size=batch_size)
    sums = ClassSums(len(weights), net.dtype)
    sums.add(weights, found)
    return sums.totals()


@checked
def activation_size(
    net: Network,
    x: ArrayLike,
    labels: ArrayLike,
    *,
    layers: Sequence[str] | None = None,
    batch_size: int = 256,
) -> dict[str, Array]:
    """Return how strongly each unit answers to the images of each class: the control for any ranking by gradients.

    Parameters
    ----------
    net, x, layers, batch_size
        As in :func:`gradient_times_activation`.
    labels : array_like of shape (N,)
        The classes of the images; each class needs one.

    Returns
    -------
    dict of str to ndarray of shape (K, units)
        Root of the sum of squares over the unit's map, averaged over the images of each class.

    Raises
    ------
    ValueError
        If a label is no class of the network, or a class has no images.

    References
    ----------
    Lo 2016, section 3.1: a high activation need not matter for the prediction.
    """
    images = net.as_batch(x)
    weights = class_weights(net, labels, len(images))
    names = ranked_outputs(net) if layers is None else list(layers)
    sums = ClassSums(len(weights), net.dtype)
    for rows in chunks(len(images), batch_size):
        trace = net.trace(images[rows])
        sizes = {name: norm(trace[name], tuple(range(2, trace[name].ndim))) for name in names}
        sums.add(weights[:, rows], sizes)
    return sums.totals()
