"""How the documents can be read: which filters are strong for an identity, and where one is knocked out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinynet.explain.units.outputs import filter_outputs
from tinynet.explain.units.scores import class_scores
from tinynet.network import Network
from tinynet.studies.engine.trials import Trial
from tinynet.types import Array

COMPARED = ("probability", "logit")  # what gradients are of, side by side
PRINTED = (7, 10, 12, 14, 15)  # the identities that the documents show, numbered from 1
PLACES = {"net input": -1, "activation": 0, "pool": 1}  # layers behind the activation


@dataclass(frozen=True)
class Reading:
    """One way to read "we knock out the filters of the strongest gradients".

    Attributes
    ----------
    name : str
    of : {"probability", "logit"}
        What the gradient is of.
    mean_of : {"gradients", "norms"}
        The norm of the mean gradient of an identity's images, or the mean of their norms.
    place : {"activation", "net input", "pool"}
        Where the gradient is taken, and the filter's output replaced.
    replace : {"zero", "bias"}
        By 0, or by what the filter's bias puts out alone.
    """

    name: str
    of: str = "probability"
    mean_of: str = "gradients"
    place: str = "activation"
    replace: str = "zero"


THESIS = Reading("norm of the mean (thesis, 4.2.2)")
READINGS = (
    THESIS,
    Reading("mean of the norms (paper, V.B)", mean_of="norms"),
    Reading("norm of the mean, of the logit", of="logit"),
    Reading("mean of the norms, of the logit", of="logit", mean_of="norms"),
    Reading("norm of the mean, at the net input", place="net input"),
    Reading("mean of the norms, at the net input", place="net input", mean_of="norms"),
    Reading("norm of the mean, at the pool", place="pool"),
    Reading("mean of the norms, at the pool", place="pool", mean_of="norms"),
    Reading("norm of the mean, bias kept", replace="bias"),
    Reading("mean of the norms, bias kept", replace="bias", mean_of="norms"),
)


def outputs_at(net: Network, place: str) -> list[str]:
    """Return the names of the outputs of the filters at a place: before, at or behind their activation functions.

    Parameters
    ----------
    net : Network
        Each convolution with an activation function and a pool behind it.
    place : {"activation", "net input", "pool"}
    """
    return [net.names[net.names.index(name) + PLACES[place]] for name in filter_outputs(net)]


def filter_scores(
    trial: Trial, reading: Reading = THESIS, norm: str = "frobenius", *, per_pixel: bool = False
) -> dict[str, Array]:
    """Return how strong each filter is for each class.

    Parameters
    ----------
    trial : Trial
    reading : Reading
    norm : {"frobenius", "max", "l1"}
        How the size of a map of gradients is taken.
    per_pixel : bool
        Whether maps of different size are made comparable, as in :func:`tinynet.convolutional_gradient`.

    Returns
    -------
    dict of str to ndarray of shape (K, filters)
    """
    return class_scores(
        trial.net,
        trial.data.x,
        trial.data.labels,
        reading.of,
        mean_of=reading.mean_of,
        norm=norm,
        per_pixel=per_pixel,
        layers=outputs_at(trial.net, reading.place),
    )


def five_of(classes: int) -> NDArray[np.int64]:
    """Return the numbers of the five classes that the documents show; of fewer than 15, five spread over all.

    Parameters
    ----------
    classes : int
        How many there are.
    """
    if classes >= max(PRINTED):
        return np.array(PRINTED) - 1
    return np.unique(np.linspace(0, classes - 1, len(PRINTED)).round().astype(np.int64))
