"""How strong is each unit? The size of its gradient, as in the documents; and what is particular to a class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import finite_array, one_of, wrong
from tinynet.explain.class_sums import ClassSums, class_weights
from tinynet.explain.gradients import class_gradient, prediction_gradient
from tinynet.explain.units.filters import convolutional_gradient
from tinynet.explain.units.outputs import ranked_outputs
from tinynet.network import Network, chunks
from tinynet.signatures import checked
from tinynet.types import Array


@checked
def unit_scores(
    net: Network,
    gradients: Mapping[str, Array],
    names: list[str],
    norm: str = "frobenius",
    *,
    per_pixel: bool = False,
) -> dict[str, Array]:
    """Return how strong each unit is: the convolutional gradient of a filter, the absolute gradient of a hidden unit.

    Parameters
    ----------
    net : Network
        The network of the gradients.
    gradients : mapping of str to ndarray of shape (..., *unit shape)
        Such as the class gradients, by output.
    names : list of str
        The outputs to score, such as `ranked_outputs` gives.
    norm, per_pixel
        How the size of a map of gradients is taken, as in :func:`convolutional_gradient`.

    Returns
    -------
    dict of str to ndarray of shape (..., units)
    """

    def size(gradient: Array, *, of_maps: bool) -> Array:
        return np.asarray(convolutional_gradient(gradient, norm, per_pixel=per_pixel) if of_maps else np.abs(gradient))

    return {name: size(gradients[name], of_maps=len(net.shapes[name]) == 3) for name in names}


@checked
def class_scores(
    net: Network,
    x: ArrayLike,
    labels: ArrayLike,
    of: str = "logit",
    *,
    mean_of: str = "gradients",
    norm: str = "frobenius",
    per_pixel: bool = False,
    layers: Sequence[str] | None = None,
    batch_size: int = 256,
) -> dict[str, Array]:
    """Return how strong each unit is for each class, from the gradients of the true prediction of the class's images.

    Parameters
    ----------
    net : Network
        A classifier.
    x : array_like of shape (N, *input_shape)
        Images.
    labels : array_like of shape (N,)
        Their classes; each class needs an image.
    of : {"logit", "probability", "log_probability", "margin"}
        What the gradients are of, as in :func:`tinynet.prediction_gradient`.
    mean_of : {"gradients", "norms"}
        Whether the size is that of the class's mean gradient, in which images that pull in different directions cancel
        each other, or the mean of the sizes of single images' gradients.
    norm, per_pixel
        How the size of a map of gradients is taken, as in :func:`convolutional_gradient`.
    layers : sequence of str, optional
        Whose units, and where the gradient is taken: those of the filters, or the hidden units, behind their activation
        functions if not given; convolutions for their net inputs, or pools.
    batch_size : int
        Images worked through at a time.

    Returns
    -------
    dict of str to ndarray of shape (K, units)
        By output, as :func:`compare_orders` takes them.

    Notes
    -----
    By the triangle inequality the norm of the mean is at most the mean of the norms.

    References
    ----------
    Lo 2016, section 4.2.2, for the norm of the mean; Lo, Cohen and Ding 2015, section V.B, for the mean of the norms.
    """
    images = net.as_batch(x)
    weights, classes = class_weights(net, labels, len(images)), np.asarray(labels)
    names = ranked_outputs(net) if layers is None else list(layers)
    if one_of("mean_of", mean_of, ["gradients", "norms"]) == "gradients":
        means = class_gradient(net, images, classes, of, layers=names, batch_size=batch_size)
        return unit_scores(net, means, names, norm, per_pixel=per_pixel)
    sums = ClassSums(len(weights), net.dtype)
    for rows in chunks(len(images), batch_size):
        gradients = prediction_gradient(net, images[rows], classes[rows], of, layers=names)
        sums.add(weights[:, rows], unit_scores(net, gradients, names, norm, per_pixel=per_pixel))
    return sums.totals()


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
