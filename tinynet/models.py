"""The networks of the source documents, by name, each with the way it was trained."""

from __future__ import annotations

import copy
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
from tinynet.network import Network, checked_network
from tinynet.network.assembly import checked_shape
from tinynet.optimizers import SGD, Adam, Optimizer
from tinynet.signatures import checked
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
            ``epochs=5``; None leaves them as they are. Sigmoid outputs learn by `BinaryCrossEntropy` where the document
            has the cross-entropy of softmax outputs.

        Returns
        -------
        History
            Loss and accuracy after each epoch.
        """
        own = {name: getattr(self, name) for name in ("loss", "optimizer", "epochs", "batch_size", "rule")}
        if isinstance(self.loss, CrossEntropy) and isinstance(checked_network(net).layers[-1], Sigmoid):
            own["loss"] = BinaryCrossEntropy()
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


def _photographs(classes: int) -> list[Layer]:
    maps: list[Layer] = []
    for filters in (16, 32, 64, 64):
        maps += [Conv2D(filters, 3, padding="same", initializer="he_normal"), ReLU(), MaxPool2D(2)]
    return [*maps, Flatten(), Dropout(0.5), Dense(classes), Softmax()]


def _letters(classes: int) -> list[Layer]:
    hidden = Dense(2, bias=False, initializer="he_positive")  # weights of both signs leave a unit dead in most starts
    return [Flatten(), hidden, ReLU(), Dense(classes, bias=False, initializer="glorot_tenth"), Softmax()]


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


@checked
def vgg_layers(
    blocks: Sequence[Sequence[int]], hidden: Sequence[int], classes: int, dropout: float = 0.5
) -> list[Layer]:
    """Return blocks of 3x3 convolutions with ReLU, each block ended by 2x2 max pooling, and dense layers behind them.

    Parameters
    ----------
    blocks : sequence of sequence of int
        For each block the numbers of filters of its convolutions.
    hidden : sequence of int
        Units of the hidden dense layers, each followed by ReLU and dropout.
    classes : int
        Number of softmax outputs; 1 gives a single sigmoid output, which tells two classes apart.
    dropout : float
        Share of the hidden units that a training step leaves out.

    References
    ----------
    Simonyan and Zisserman 2015, table 1.
    """
    if not isinstance(blocks, (tuple, list)) or not all(isinstance(block, (tuple, list)) for block in blocks):
        raise wrong("blocks", blocks, "a list of lists of whole numbers")
    layers: list[Layer] = []
    for block in blocks:
        for filters in block:
            layers += [Conv2D(filters, 3, padding=1, initializer="he_normal"), ReLU()]
        layers.append(MaxPool2D(2))
    layers.append(Flatten())
    for units in hidden:
        whole_number("hidden", units, most=MOST)
        layers += [Dense(units, initializer="he_normal"), ReLU(), Dropout(dropout)]
    return [*layers, *output_layers(classes)]


def output_layers(classes: int) -> list[Layer]:
    """Return a dense layer and what makes probabilities of its outputs: softmax, or for a single output the sigmoid.

    Parameters
    ----------
    classes : int
        Number of outputs.
    """
    classes = whole_number("classes", classes, most=MOST)
    return [Dense(classes), Sigmoid() if classes == 1 else Softmax()]


def _vgg(depths: Sequence[int]) -> Callable[[int], list[Layer]]:
    blocks = [[filters] * depth for filters, depth in zip((64, 128, 256, 512, 512), depths, strict=True)]
    return lambda classes: vgg_layers(blocks, (4096, 4096), classes)


def _vgg_small(classes: int) -> list[Layer]:
    return vgg_layers([[16], [32], [64, 64]], (128,), classes)


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
    "photographs": Model(
        "four convolutions of 16, 32, 64 and 64 filters of 3x3 with ReLU and 2x2 max pooling, dropout, softmax",
        "Gulati et al. 2017, section 3 (the document has a heading alone; the network is ours)",
        _photographs,
        CrossEntropy(),
        Adam(1e-3),
        epochs=25,
        batch_size=32,
    ),
    "letters": Model(
        "two hidden ReLU units without biases, their weights positive at first",
        "Gulati et al. 2017, section 1 (how it is trained is not stated there)",
        _letters,
        CrossEntropy(),
        SGD(1e-2),
        epochs=10,
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
    **{
        f"vgg{sum(depths) + 3}": Model(
            f"VGG-{sum(depths) + 3}: {sum(depths)} convolutions of 3x3 in five blocks, three dense layers",
            f"Simonyan and Zisserman 2015, table 1 {column}; Meniconi et al., section 2",
            _vgg(depths),
            CrossEntropy(),
            Adam(1e-3),
            epochs=10,
            batch_size=16,
        )
        for column, depths in {
            "A": (1, 1, 2, 2, 2),
            "B": (2, 2, 2, 2, 2),
            "D": (2, 2, 3, 3, 3),
            "E": (2, 2, 4, 4, 4),
        }.items()
    },
    "vgg_small": Model(
        "a VGG for a CPU: convolutions of 16, 32, 64 and 64 filters of 3x3 in three blocks, 128 units, dropout",
        "after Simonyan and Zisserman 2015 (the sizes are ours); trained as Meniconi et al., section 2",
        _vgg_small,
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
        Number of outputs. A VGG with 1 has a single sigmoid output, which tells two classes apart.
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


@checked
def with_new_head(net: Network, classes: int, rng: int | np.random.Generator = 0, after: str | None = None) -> Network:
    """Return a network with the same layers up to an output, and new layers for other classes behind it.

    Parameters
    ----------
    net : Network
        Whose weights are copied, so that what is trained from here on leaves it as it is.
    classes : int
        Number of softmax outputs; 1 gives a single sigmoid output, which tells two classes apart.
    rng : int or numpy.random.Generator
        Where the new weights are drawn from.
    after : str, optional
        The name of the last layer that is kept, whose output is a vector; by default the one before the last dense
        layer.

    Raises
    ------
    UnknownLayerError, ValueError
        If there is no such layer, no dense layer, or the output is no vector.

    Examples
    --------
    Other classes from the same features, which are not trained any more:

    >>> import numpy as np, tinynet as tn
    >>> from tinynet import models
    >>> net = models.with_new_head(models.build("vgg_small", (3, 16, 16), 10), 1)
    >>> kept = net.names[1 : net.names.index("pool3") + 1]
    >>> _ = tn.fit(net, np.ones((4, 3, 16, 16)), [0, 1, 0, 1], loss=tn.BinaryCrossEntropy(),
    ...            optimizer=tn.Adam(1e-3, frozen=kept), epochs=1, batch_size=2)
    """
    names = checked_network(net).names
    if after is None:
        dense = [layer.name for layer in net.layers if isinstance(layer, Dense)]
        if not dense:
            raise ValueError("the network has no Dense layer whose place a new head could take: pass after=")
        after = names[names.index(dense[-1]) - 1]
    if after != "input":
        net[after]
    kept = [copy.deepcopy(layer) for layer in net.layers[: names.index(after)]]
    return Network([*kept, *output_layers(classes)], net.input_shape, rng, net.dtype)


def torchvision_names(net: Network) -> dict[str, str]:
    """Return what torchvision calls the layers of a VGG: ``features.0``, ``classifier.3`` and so on.

    Parameters
    ----------
    net : Network
        With a Flatten between its convolutions and its dense layers.

    Returns
    -------
    dict of str to str
        From the names of the layers with weights, as :meth:`tinynet.Network.load_weights` takes it.
    """
    kinds = [type(layer) for layer in checked_network(net).layers]
    if Flatten not in kinds:
        raise ValueError("the network has no Flatten, in front of which are the features and behind it the classifier")
    middle = kinds.index(Flatten)
    return {
        layer.name: f"features.{place}" if place < middle else f"classifier.{place - middle - 1}"
        for place, layer in enumerate(net.layers)
        if layer.params
    }


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
