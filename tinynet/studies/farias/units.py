"""FM-10: features of hidden units and of sets of units, in dense and in convolutional networks."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np

from tinynet.classes import accuracy
from tinynet.datasets import Dataset
from tinynet.explain.metrics.feature_match import class_directions, feature_match
from tinynet.explain.units.profiles import cosines
from tinynet.layers import Conv2D, Dense, Flatten, Layer, MaxPool2D, Sigmoid, Tanh
from tinynet.network import Network
from tinynet.studies.engine.experiment import Numbers
from tinynet.studies.farias.networks import EPOCH, SETTINGS, learn
from tinynet.targets import GradientTargets, extract_feature
from tinynet.types import Array

FILTERS, SIDE = 8, 5
SHOWN = 10
KINDS = ("dense", "sigmoid", "tanh")


@dataclass(frozen=True)
class Units:
    """A network whose hidden units are asked for their features.

    Attributes
    ----------
    kind : {"dense", "sigmoid", "tanh"}
        128 hidden units; or eight filters with that activation function, and max pooling.
    seed : int
        Of the weights and of the order of the images.

    Notes
    -----
    Convolutions are trained with steps that start at the activation. Started at zero, every place of a map pulls the
    weights of its filter to zero, and hundreds of places share them: with steps of 1 to 3,000 and rates of 0.001 to 1,
    after four passes over 6,000 drawn digits, no such network was right for more than 70 % of others, and at most two
    of the ten features matched their own class best.
    """

    kind: str
    seed: int

    @property
    def name(self) -> str:
        """What its file is called."""
        return f"units_{self.kind}_seed{self.seed}"

    @property
    def cost(self) -> float:
        """How long it trains, beside `Recipe.cost`."""
        return 3e5 if self.kind == "dense" else 3e6

    @property
    def identity(self) -> dict[str, Any]:
        """What makes it the network that it is."""
        return asdict(self)

    @property
    def rule(self) -> GradientTargets:
        """How it learns, and how its features are made."""
        if self.kind == "dense":
            return GradientTargets(SETTINGS[(128,)].tau)
        return GradientTargets(10 if self.kind == "sigmoid" else 3, "activation")

    @property
    def rate(self) -> float:
        """Its learning rate."""
        return {"dense": SETTINGS[(128,)].rates[0], "sigmoid": 0.1, "tanh": 0.5}[self.kind]

    def network(self, data: Dataset) -> Network:
        """Return the network before training.

        Parameters
        ----------
        data : Dataset
        """
        hidden: list[Layer] = [Flatten(), Dense(128, bias=False, initializer="farias_first"), Sigmoid()]
        if self.kind != "dense":
            maps = Conv2D(FILTERS, SIDE, bias=False, initializer="farias_first")
            hidden = [maps, Sigmoid() if self.kind == "sigmoid" else Tanh(), MaxPool2D(2), Flatten()]
        last = Dense(len(data.classes), bias=False, initializer="farias")
        return Network([*hidden, last, Sigmoid()], data.input_shape, rng=self.seed)

    def measure(self, train: Dataset, test: Dataset) -> Numbers:
        """Train the network for an epoch, make features and show them to it.

        Parameters
        ----------
        train, test : Dataset

        Returns
        -------
        dict of str to ndarray
            Test ``accuracy``; ``match`` and ``hits`` of the output features, and the ``hits from the mean image`` in
            the place of an image of zeros; the share of ``hidden``
            units that respond more to their own feature than to that of any other unit, and how alike these features
            are, and those of one-hot targets; the share of ``pairs`` of outputs both of which are moved up by the
            feature of the pair; and some ``features`` of each kind.

        Notes
        -----
        The target of a hidden unit leaves the other units of its layer as they are without an image. A one-hot target
        would ask all of them to be silent as well, and that drowns the one.
        """
        net = self.network(train)
        learn(net, train, self.rule, self.rate, max(round(EPOCH / len(train)), 1), self.seed)
        last = net.names[-1]
        outputs = extract_feature(net, last, range(len(train.classes)), self.rule)
        pairs = list(combinations(range(len(train.classes)), 2))
        sets = extract_feature(net, last, pairs, self.rule)
        layer, units = self._hidden(net)
        hidden = extract_feature(net, layer, raised(net, layer, units), self.rule)
        one_hot = extract_feature(net, layer, units, self.rule)
        directions, mean_image = class_directions(train.x, train.labels), train.x.mean(axis=0)
        found = feature_match(outputs, directions)
        from_mean = extract_feature(net, last, range(len(train.classes)), self.rule, mean_image)
        from_mean -= mean_image if self.rule.start == "activation" else 0
        seen = {
            "outputs": outputs,
            "hidden": hidden,
            "pairs": sets[np.unique(np.linspace(0, len(pairs) - 1, SHOWN).astype(int))],
        }
        size = float(np.linalg.norm(train.x.reshape(len(train), -1), axis=1).mean())
        return {
            "accuracy": np.array(accuracy(net, test.x, test.labels)),
            "match": np.array(found.match),
            "hits": np.array(found.hits),
            "hits from the mean image": np.array(feature_match(from_mean, directions).hits),
            "hidden": np.array(own_response(net, layer, units, hidden, size)),
            "hidden alike": np.array(alike(hidden)),
            "one-hot alike": np.array(alike(one_hot)),
            "pairs": np.array(both_raised(net, pairs, sets, size)),
            **{f"features of {name}": features[:SHOWN] for name, features in seen.items()},
        }

    def _hidden(self, net: Network) -> tuple[str, list[Any]]:
        """Return the hidden layer that is asked, and its units: of maps, the one in the middle of each."""
        if self.kind == "dense":
            return net.names[3], list(range(net.shapes[net.names[3]][0]))
        maps, height, width = net.shapes[net.names[2]]
        return net.names[2], [(unit, height // 2, width // 2) for unit in range(maps)]


def raised(net: Network, layer: str, units: list[Any]) -> Array:
    """Return targets of 1 for one unit each, and for all others what they put out without an image.

    Parameters
    ----------
    net : Network
    layer : str
    units : list
        Numbers of units, or places in maps.

    Returns
    -------
    ndarray of shape (units, *shape of the layer's output)
    """
    targets = np.stack([net.trace(np.zeros(net.input_shape))[layer]] * len(units))
    for target, unit in zip(targets, units, strict=True):
        target[unit] = 1
    return targets


def alike(features: Array) -> float:
    """Return the mean size of the cosine of two features.

    Parameters
    ----------
    features : ndarray of shape (units, *input_shape)
    """
    table = np.abs(cosines(features.reshape(len(features), -1)))
    return float(table[~np.eye(len(table), dtype=bool)].mean())


def own_response(net: Network, layer: str, units: list[Any], features: Array, size: float) -> float:
    """Return the share of units whose net input is higher for their own feature than for any other unit's.

    Parameters
    ----------
    net : Network
    layer : str
        The activation layer that holds the units.
    units : list
        Their numbers, or their places in maps.
    features : ndarray of shape (units, *input_shape)
    size : float
        The norm that features are scaled to: that of a usual image.
    """
    before = net.names[net.names.index(layer) - 1]
    responses = net.trace(_scaled(features, size))[before]
    index = tuple(np.array([unit if isinstance(unit, tuple) else (unit,) for unit in units]).T)
    table = responses[(slice(None), *index)]
    return float(np.mean(table.argmax(axis=0) == np.arange(len(units))))


def both_raised(net: Network, pairs: list[tuple[int, int]], features: Array, size: float) -> float:
    """Return the share of pairs of outputs whose feature moves both of them up, and more than the mean of the others.

    Parameters
    ----------
    net : Network
    pairs : list of pair of int
    features : ndarray of shape (pairs, *input_shape)
    size : float
        The norm that features are scaled to.
    """
    logits = net.trace(_scaled(features, size))[net.logits] - net.trace(np.zeros(net.input_shape))[net.logits]
    good = 0
    for row, pair in zip(logits, pairs, strict=True):
        good += all(row[unit] > max(float(np.delete(row, pair).sum()) / max(len(row) - 2, 1), 0.0) for unit in pair)
    return good / len(pairs)


def _scaled(features: Array, size: float) -> Array:
    norms = np.linalg.norm(features.reshape(len(features), -1), axis=1)
    return features * (size / np.where(norms > 0, norms, 1)).reshape(-1, *[1] * (features.ndim - 1))
