"""What is most characteristic of an image, or most like another class? The place of the highest gradient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from tinynet.arguments import finite_array, whole_number
from tinynet.explain.gradients import prediction_gradient
from tinynet.explain.norms import norm
from tinynet.explain.prediction import Prediction
from tinynet.explain.units.outputs import filter_outputs
from tinynet.network import Network
from tinynet.signatures import checked
from tinynet.types import Array


class Feature(NamedTuple):
    """A unit of a feature map.

    Attributes
    ----------
    layer, unit : str, int
        The filter: the layer whose output it is, and its number there, from 0.
    place : pair of int
        Row and column in the filter's map.
    value : float
        The gradient there.
    box : pair of slice
        Rows and columns of the image that the unit sees.
    """

    layer: str
    unit: int
    place: tuple[int, int]
    value: float
    box: tuple[slice, slice]

    def touches(self, mask: Array) -> bool:
        """Return whether the box holds a pixel of a mask.

        Parameters
        ----------
        mask : ndarray of shape (H, W)
            Of the image.
        """
        return bool(np.any(mask[self.box]))


@checked
def strongest_feature(net: Network, gradients: Mapping[str, Array], *, relative: bool = False) -> Feature:
    """Return the unit with the highest gradient: where a little more activation helps the prediction most.

    Parameters
    ----------
    net : Network
        A network with feature maps.
    gradients : mapping of str to ndarray of shape (C, H, W)
        Of one image, or of one class, with respect to the outputs of filters.
    relative : bool
        Compare layers by gradients relative to the root of their mean square, so that one layer's larger gradients do
        not decide alone.

    Returns
    -------
    Feature

    Raises
    ------
    ValueError
        If there are no gradients, or some are not those of one image's feature maps.

    Notes
    -----
    The place is mapped to its receptive field: the pixels that the unit sees, and no others.

    References
    ----------
    Lo 2016, section 4.3.1.
    """
    if not gradients:
        raise ValueError("there are no gradients to choose the strongest feature from")
    found = []
    for layer, gradient in gradients.items():
        field = net.receptive_field(layer)
        if gradient.shape != net.shapes[layer]:
            raise ValueError(f"{layer}: gradients have shape {gradient.shape}, expected {net.shapes[layer]}")
        scale = float(norm(gradient, (0, 1, 2), mean=True)) if relative else 1.0
        unit, row, column = (int(i) for i in np.unravel_index(np.argmax(gradient), gradient.shape))
        value = float(gradient[unit, row, column])
        box = field.box(row, column)
        found.append((value / (scale or 1.0), Feature(layer, unit, (row, column), value, box)))
    return max(found, key=lambda entry: entry[0])[1]


class LookAlike(NamedTuple):
    """What makes an image seem most like another class.

    Attributes
    ----------
    other : int
        The class.
    feature : Feature
        Where more activation would help its prediction most.
    """

    other: int
    feature: Feature


@checked
def look_alike_feature(
    net: Network,
    image: ArrayLike,
    label: int,
    other: int | None = None,
    of: str = "logit",
    *,
    layers: Sequence[str] | None = None,
    relative: bool = False,
) -> LookAlike:
    """Return what makes an image seem most like a class that it does not belong to.

    Parameters
    ----------
    net : Network
        A classifier.
    image : array_like of shape (C, H, W)
        The image asked about.
    label : int
        Its class.
    other : int, optional
        The class to be predicted as; of all others the one with the highest output if not given.
    of : {"logit", "probability", "log_probability", "margin"}
        What the gradients are of.
    layers : sequence of str, optional
        The outputs searched for the highest gradient; those of the first filters if not given, as in the thesis.
    relative : bool
        Compare layers by gradients relative to the root of their mean square.

    Returns
    -------
    LookAlike

    Raises
    ------
    ValueError
        If `other` is the image's own class, or either is no class of the network.

    References
    ----------
    Lo 2016, section 4.3.2 and figure 4.4.
    """
    logit = Prediction(net)
    picture = finite_array("image", image, net.dtype, net.input_shape)[None]
    outputs = logit.value(net.trace(net.as_batch(picture)), logit.classes_of("all", 1))[:, 0]
    label = whole_number("label", label, 0, len(outputs) - 1)
    other = None if other is None else whole_number("other", other, 0, len(outputs) - 1)
    if other == label or len(outputs) < 2:
        raise ValueError(f"class {label} is the image's own; choose another one that it may be predicted as")
    if other is None:
        rest = outputs.astype(np.float64)
        rest[label] = -np.inf
        other = int(rest.argmax())
    names = filter_outputs(net)[:1] if layers is None else list(layers)
    gradients = prediction_gradient(net, picture, other, of, layers=names)
    return LookAlike(other, strongest_feature(net, {name: gradients[name][0] for name in names}, relative=relative))
