"""Class activation maps: feature maps, weighted by what their gradients say, and added up."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from tinynet.explain.attribution.question import Question
from tinynet.explain.attribution.result import Attribution
from tinynet.explain.units.outputs import filter_outputs
from tinynet.network import Network
from tinynet.signatures import checked
from tinynet.types import Array


@checked
def grad_cam(
    net: Network,
    x: ArrayLike,
    target: int | str | ArrayLike,
    of: str = "logit",
    *,
    layer: str | None = None,
    clip: bool = True,
    batch_size: int | None = None,
) -> Attribution:
    """Return Grad-CAM: feature maps, each times the mean of its gradient, added up; what is below 0 is cut off.

    Parameters
    ----------
    net : Network
        A classifier with convolutions.
    x : array_like of shape (N, *input_shape)
        Images.
    target : int, array_like of shape (N,) or "all"
        The class asked about.
    of : {"logit", "probability", "log_probability", "margin"}
        Which prediction.
    layer : str, optional
        Output whose feature maps are drawn together; those of the last convolution if not given.
    clip : bool
        Whether the sum is cut off at 0. Gradients themselves never are.
    batch_size : int, optional
        Images worked through at a time.

    Returns
    -------
    Attribution
        Of shape (..., N, h, w), the size of the layer's maps. A map may be zero everywhere, and stays so.

    Notes
    -----
    relu(sum_k mean(dy/dA_k) A_k). Where the maps are averaged before the last layer, the gradient is the same at each
    place and this is the sum of `hires_cam`; with a dense layer on flattened maps it is not, and may point at places
    that the network does not use.

    References
    ----------
    Selvaraju et al. 2017, eq. 1 and 2.
    """

    def drawn(maps: Array, slopes: Array) -> Array:
        total = (slopes.mean(axis=(-2, -1), keepdims=True) * maps).sum(axis=-3)
        return np.maximum(total, 0) if clip else total

    return _activation_map("Grad-CAM", drawn, net, x, target, of, layer, batch_size)


@checked
def hires_cam(
    net: Network,
    x: ArrayLike,
    target: int | str | ArrayLike,
    of: str = "logit",
    *,
    layer: str | None = None,
    batch_size: int | None = None,
) -> Attribution:
    """Return HiResCAM: feature maps times their gradients, place by place, added up over the maps.

    Parameters
    ----------
    net, x, target, of, layer, batch_size
        As in :func:`grad_cam`.

    Returns
    -------
    Attribution
        Of shape (..., N, h, w), of both signs.

    Notes
    -----
    sum_k dy/dA_k A_k. If the rest of the network is affine, this adds up to the logit less what later biases give.

    References
    ----------
    Draelos and Carin 2020, section 3.
    """
    return _activation_map(
        "HiResCAM", lambda maps, slopes: (slopes * maps).sum(axis=-3), net, x, target, of, layer, batch_size
    )


@checked
def layer_cam(
    net: Network,
    x: ArrayLike,
    target: int | str | ArrayLike,
    of: str = "logit",
    *,
    layer: str | None = None,
    batch_size: int | None = None,
) -> Attribution:
    """Return LayerCAM: feature maps times what is positive of their gradients, place by place, added up over the maps.

    Parameters
    ----------
    net, x, target, of, layer, batch_size
        As in :func:`grad_cam`.

    Returns
    -------
    Attribution
        Of shape (..., N, h, w).

    Notes
    -----
    sum_k relu(dy/dA_k) A_k: made for lower layers too, whose maps are fine and whose gradients have both signs. The
    paper cuts the sum off at 0, which changes nothing behind a ReLU; here it keeps its sign.

    References
    ----------
    Jiang et al. 2021, section III.
    """
    return _activation_map(
        "LayerCAM",
        lambda maps, slopes: (np.maximum(slopes, 0) * maps).sum(axis=-3),
        net,
        x,
        target,
        of,
        layer,
        batch_size,
    )


def _activation_map(
    method: str,
    drawn: Callable[[Array, Array], Array],
    net: Network,
    x: ArrayLike,
    target: int | str | ArrayLike,
    of: str,
    layer: str | None,
    batch_size: int | None,
) -> Attribution:
    if layer is None:
        if not (filters := filter_outputs(net)):
            raise ValueError(f"{method}: the network has no convolution; class activation maps need feature maps")
        layer = filters[-1]
    elif len(net.shapes.get(layer, (0, 0, 0))) != 3:
        raise ValueError(f"{method}: layer is {layer!r}, a vector without places, expected an output of feature maps")
    question = Question(net, x, target, of, layer=layer, batch_size=batch_size)

    def work(rows: slice) -> tuple[Array]:
        maps = question.x[rows]
        return (drawn(maps, question.gradient(maps, question.classes(rows))),)

    (values,) = question.collected(work)
    return Attribution(values, f"{method} at {layer}", of)
