"""The networks of the source documents, by name, each with the way it was trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from tinynet.arguments import one_of, whole_number, wrong
from tinynet.layers import Conv2D, Dense, Dropout, Flatten, Layer, MaxPool2D, ReLU, Sigmoid, Softmax, Tanh
from tinynet.layers.base import TargetRule
from tinynet.losses import BinaryCrossEntropy, CrossEntropy, Loss, MeanSquaredError, SquaredError
from tinynet.network import Network
from tinynet.network.assembly import checked_shape
from tinynet.optimizers import SGD, Adam, Optimizer
from tinynet.targets import GradientTargets
from tinynet.training import History, fit
from tinynet.types import Shape

MOST = 10**9  # units of a layer


@dataclass(frozen=True)
class Model:
    """A kind of network, and how it is trained.

    Attributes
    ----------
    description, source : str
        What it is, and the document that it comes from.
    layers : callable
        From the number of classes to a new list of layers.
    loss, optimizer, epochs, batch_size
        Arguments of :func:`tinynet.fit`.
    rule : TargetRule, optional
        For networks that learn by target propagation.
    """

    description: str
    source: str
    layers: Callable[[int], list[Layer]]
    loss: Loss
    optimizer: Optimizer
    epochs: int
    batch_size: int
    rule: TargetRule | None = None

    def train(self, net: Network, x: ArrayLike, y: ArrayLike, **settings: Any) -> History:
        """Train a network as the document did, in place.

        Parameters
        ----------
        net, x, y
            As for :func:`tinynet.fit`.
        **settings
            Further arguments of :func:`tinynet.fit`. Those that the document fixes may be given too, such as
            ``epochs=5``; None leaves them as they are.

        Returns
        -------
        History
            Loss and accuracy after each epoch.
        """
        own = {name: getattr(self, name) for name in ("loss", "optimizer", "epochs", "batch_size", "rule")}
        given = {name: value for name, value in settings.items() if value is not None or name not in own}
        return fit(net, x, y, **{**own, **given})


def _thesis(classes: int) -> list[Layer]:
    maps: list[Layer] = []
    for filters in (5, 8, 10):
        maps += [Conv2D(filters, 5), Tanh(), MaxPool2D(2)]
    return [*maps, Flatten(), Dense(20), Tanh(), Dense(classes), Softmax()]


def _gulati(classes: int) -> list[Layer]:
    maps: list[Layer] = []
    for filters in (8, 16):
        maps += [Conv2D(filters, 5, initializer="he_normal"), ReLU(), MaxPool2D(2)]
    return [*maps, Flatten(), Dense(classes), Sigmoid()]


def _letters(classes: int) -> list[Layer]:
    return [Flatten(), Dense(2, bias=False, initializer="he_normal"), ReLU(), Dense(classes, bias=False), Softmax()]


def sigmoid_layers(hidden: Sequence[int], classes: int) -> list[Layer]:
    """Return dense layers of sigmoid units without biases, their weights drawn as the authors of target propagation do.

    Parameters
    ----------
    hidden : sequence of int
        Units of the hidden layers.
    classes : int
        Number of outputs.

    References
    ----------
    de Souza Farias and Maziero, section 3 and the authors' program.
    """
    if not isinstance(hidden, (tuple, list, range)):
        raise wrong("hidden", hidden, "a list of whole numbers")
    sizes = [
        *(whole_number("hidden", units, most=MOST) for units in hidden),
        whole_number("classes", classes, most=MOST),
    ]
    layers: list[Layer] = [Flatten()]
    for depth, units in enumerate(sizes):
        layers += [Dense(units, bias=False, initializer="farias" if depth else "farias_first"), Sigmoid()]
    return layers


def _farias(classes: int) -> list[Layer]:
    return sigmoid_layers([128], classes)


def _meniconi(classes: int) -> list[Layer]:
    return [Flatten(), Dense(128), ReLU(), Dense(64), ReLU(), Dense(classes), Softmax()]


def _vgg19(classes: int) -> list[Layer]:
    maps: list[Layer] = []
    for filters, depth in ((64, 2), (128, 2), (256, 4), (512, 4), (512, 4)):
        for _ in range(depth):
            maps += [Conv2D(filters, 3, padding=1, initializer="he_normal"), ReLU()]
        maps.append(MaxPool2D(2))
    head = [Flatten(), Dense(4096, initializer="he_normal"), ReLU(), Dropout(0.5)]
    head += [Dense(4096, initializer="he_normal"), ReLU(), Dropout(0.5)]
    return [*maps, *head, Dense(classes), Softmax()]


MODELS = {
    "thesis": Model(
        "three convolutions of 5, 8 and 10 filters of 5x5 with tanh and 2x2 max pooling, 20 tanh units, softmax",
        "Lo, Cohen and Ding 2015, section IV.A; Lo 2016, section 4.1 (the batch size is not stated there)",
        _thesis,
        CrossEntropy(),
        SGD(0.1),
        epochs=250,
        batch_size=10,
    ),
    "gulati": Model(
        "two convolutions of 8 and 16 filters of 5x5 with ReLU and 2x2 max pooling, dense, sigmoid",
        "Gulati et al. 2017, section 2 (the numbers of filters are not stated there)",
        _gulati,
        BinaryCrossEntropy(),
        Adam(2e-3),
        epochs=2,
        batch_size=100,
    ),
    "letters": Model(
        "two hidden ReLU units without biases",
        "Gulati et al. 2017, section 1",
        _letters,
        CrossEntropy(),
        Adam(1e-2),
        epochs=5,
        batch_size=50,
    ),
    "farias": Model(
        "128 hidden sigmoid units without biases, trained by target propagation",
        "de Souza Farias and Maziero, figure 1",
        _farias,
        SquaredError(),
        SGD(0.5),
        epochs=1,
        batch_size=100,
        rule=GradientTargets(tau=100),
    ),
    "meniconi": Model(
        "three dense layers of 128, 64 and as many units as classes, ReLU",
        "Meniconi et al., section 3 (the sizes are not stated there)",
        _meniconi,
        MeanSquaredError(),
        Adam(1e-3),
        epochs=5,
        batch_size=32,
    ),
    "vgg19": Model(
        "VGG-19: sixteen convolutions of 3x3 in five blocks, three dense layers",
        "Simonyan and Zisserman 2015, table 1 E; Meniconi et al., section 2",
        _vgg19,
        CrossEntropy(),
        Adam(1e-3),
        epochs=10,
        batch_size=16,
    ),
}


def named(name: str) -> Model:
    """Return the model of a name.

    Parameters
    ----------
    name : str
        A key of `MODELS`.

    Raises
    ------
    ValueError
        If there is none; the message names the nearest.
    """
    return MODELS[one_of("model", name, MODELS)]


def build(
    name: str,
    input_shape: Shape,
    classes: int,
    rng: int | np.random.Generator = 0,
    dtype: DTypeLike = np.float32,
) -> Network:
    """Return a new network of a model.

    Parameters
    ----------
    name : str
        A key of `MODELS`.
    input_shape : tuple of int
        Shape of one image, (channels, height, width).
    classes : int
        Number of outputs.
    rng : int or numpy.random.Generator
        Where the weights are drawn from.
    dtype : dtype
        Of the weights.

    Examples
    --------
    >>> from tinynet import models
    >>> models.build("thesis", (1, 60, 60), 15).parameter_count
    6683
    """
    model, shape, classes = named(name), checked_shape(input_shape), whole_number("classes", classes, most=MOST)
    return Network(model.layers(classes), shape, rng, dtype)


def suited(input_shape: Shape, classes: int) -> str:
    """Return the name of a model that fits images of a shape: the thesis' where it does, else a smaller one.

    Parameters
    ----------
    input_shape : tuple of int
        Shape of one image.
    classes : int
        Number of classes.
    """
    input_shape, classes = checked_shape(input_shape), whole_number("classes", classes, most=MOST)
    for name in ("thesis", "gulati"):
        with suppress(ValueError):
            build(name, input_shape, classes)
            return name
    return "letters" if classes <= 4 else "meniconi"
