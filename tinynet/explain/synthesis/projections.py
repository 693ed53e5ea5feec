"""What do weights look like? The weights of units as pictures, through the linear path below them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from tinynet.layers import AvgPool2D, Dropout, Flatten, KnockOut, Layer, MaxPool2D, Softmax
from tinynet.layers.activation import Activation
from tinynet.layers.base import Affine
from tinynet.network import Network, UnknownLayerError, checked_network
from tinynet.notebook import ShownInBrief
from tinynet.signatures import checked
from tinynet.types import Array

LINEAR = (Affine, AvgPool2D, Dropout, Flatten, KnockOut)
IGNORED = (Activation, Softmax)


@dataclass(frozen=True, eq=False, repr=False)
class WeightProjection(ShownInBrief):
    """The weights of a layer's units as pictures; an array wherever NumPy wants one.

    Attributes
    ----------
    pictures : ndarray of shape (units, C, h, w)
        One for each unit: of its receptive field, if it is a filter, else of the whole image.
    layer : str
        Whose units.
    weights : tuple of str
        The layers of weights on the path from the image to the units.
    bent : tuple of str
        The layers on it that are no linear maps, but are taken for such.
    """

    pictures: Array
    layer: str
    weights: tuple[str, ...]
    bent: tuple[str, ...]

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> Array:
        """Return the pictures."""
        return np.array(self.pictures, dtype) if copy else np.asarray(self.pictures, dtype)

    def __len__(self) -> int:
        return len(self.pictures)

    @property
    def kind(self) -> str:
        """What the pictures are, in words: the weights themselves, or those of the linear path."""
        if len(self.weights) == 1 and not self.bent:
            return f"the weights of {self.weights[0]}"
        as_if = f": as if {', '.join(self.bent)} were linear" if self.bent else ""
        return f"the linear path to {self.layer}{as_if}"


@checked
def weight_projection(net: Network, layer: str) -> WeightProjection:
    """Return the weights of each unit of a layer as a picture: what its net input would be the correlation with.

    Parameters
    ----------
    net : Network
        Any network of images, or of vectors.
    layer : str
        Whose units: a layer of weights, its activation, or what pools it.

    Returns
    -------
    WeightProjection
        For the first layer of weights its weights themselves. For a deeper one those of the linear path below it;
        `kind` says which. The picture of a filter is as large as its receptive field, at the centre of the image.

    Raises
    ------
    UnknownLayerError, ValueError
        If there is no such layer, or one below it is not known to be linear or an activation function.

    Notes
    -----
    A seed of 1 at the unit (of a map: at its centre) is carried down by W^T. An activation function passes it on as if
    it were the identity, and a maximum shares it out as a mean would: of each, the part that depends on the image is
    left out. Biases do not appear.

    Warnings
    --------
    Behind a rectifier or a maximum no image need ever take that path, so the picture of a deeper unit may show what
    the unit cannot want. A picture of weights knows nothing of the images: pixels that never vary may look important.

    References
    ----------
    Gulati et al. 2017, sections 0.1.4 and 1.

    Examples
    --------
    >>> import tinynet as tn
    >>> net = tn.Network([tn.Conv2D(4, 3), tn.ReLU(), tn.MaxPool2D(2), tn.Conv2D(5, 3)], (1, 12, 12))
    >>> found = tn.explain.weight_projection(net, "conv2")
    >>> found.pictures.shape, found.kind
    ((5, 1, 8, 8), 'the linear path to conv2: as if relu1, pool1 were linear')
    """
    checked_network(net)
    if not isinstance(layer, str) or layer not in net.names[1:]:
        raise UnknownLayerError(layer, net.names[1:])
    shape = net.shapes[layer]
    place = tuple(length // 2 for length in shape[1:])
    seeds = np.zeros((shape[0], *shape), net.dtype)
    for unit, seed in enumerate(seeds):
        seed[(unit, *place)] = 1
    pictures = net.carry_back(net.trace(np.zeros(net.input_shape)), seeds, linear_path, at=layer).input
    if len(shape) == 3:
        rows, columns = net.receptive_field(layer).box(*place)
        pictures = pictures[..., rows, columns]
    below = net.layers[: net.names.index(layer)]
    weights = [index for index, each in enumerate(below) if each.params]
    own = max(weights, default=len(below))  # an activation behind the unit's own weights does not bend the path to it
    bent = [i for i, each in enumerate(below) if isinstance(each, MaxPool2D) or (isinstance(each, IGNORED) and i < own)]
    named = [tuple(below[index].name for index in chosen) for chosen in (weights, bent)]
    return WeightProjection(np.array(pictures), layer, *named)


def linear_path(layer: Layer, signal: Array, x: Array, y: Array) -> Array:
    """Carry a signal through one layer as if the network were linear.

    Parameters
    ----------
    layer : Layer
    signal : ndarray of shape (..., *output_shape)
    x, y : ndarray
        Input and output of the layer.

    Raises
    ------
    ValueError
        If the layer is of a class that is not known to be linear or an activation function.
    """
    if isinstance(layer, IGNORED):
        return signal
    if isinstance(layer, MaxPool2D):
        return AvgPool2D(layer.size, layer.stride, layer.padding, ceil=layer.ceil).backward(signal, x, y)
    if isinstance(layer, LINEAR):
        return layer.backward(signal, x, y)
    raise ValueError(
        f"weight_projection: {layer.name} is a {type(layer).__name__}, known as neither linear nor an activation; "
        f"use prediction_gradient or unit_images"
    )
