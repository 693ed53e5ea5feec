"""FM-10: features of hidden units and of sets of units, in dense and in convolutional networks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from tinynet import plots
from tinynet.classes import accuracy
from tinynet.datasets import Dataset
from tinynet.explain.metrics.feature_match import class_directions, feature_match
from tinynet.explain.units.profiles import cosines
from tinynet.layers import Conv2D, Dense, Flatten, Layer, MaxPool2D, Sigmoid, Tanh
from tinynet.network import Network
from tinynet.pages.section import Section
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Budget, Experiment, Results
from tinynet.studies.engine.jobs import Job, Numbers
from tinynet.studies.engine.statistics import percents, spread
from tinynet.studies.farias.networks import learn, parts
from tinynet.studies.farias.paper import untrained
from tinynet.studies.farias.settings import Setting
from tinynet.targets import extract_feature
from tinynet.types import Array

FILTERS, SIDE = 8, 5
SHOWN = 10
ARCHITECTURES = {
    "dense": "128 units",
    "sigmoid": "convolution, sigmoid, max pooling",
    "tanh": "convolution, tanh, max pooling",
}
TRAINED = {
    "dense": Setting(100, 0.02),
    "sigmoid": Setting(10, 0.1, "activation"),
    "tanh": Setting(3, 0.5, "activation"),
}
CONTROLLED = ("hits", "hidden", "pairs")
WELL_ABOVE_CHANCE = 0.6  # accuracy of the networks whose units are asked
ENOUGH = 0.8  # of the features match their own class better than any other, units answer, and pairs are raised


@dataclass(frozen=True)
class UnitFeatures(Job):
    """A network whose hidden units are asked for their features.

    Attributes
    ----------
    architecture : {"dense", "sigmoid", "tanh"}
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

    architecture: str
    seed: int

    @property
    def name(self) -> str:
        """What its file is called."""
        return f"units_{self.architecture}_seed{self.seed}"

    @property
    def cost(self) -> float:
        """How long it trains, beside `Recipe.cost`."""
        return 3e5 if self.architecture == "dense" else 3e6

    @property
    def setting(self) -> Setting:
        """How it is trained, and how its features are made."""
        return TRAINED[self.architecture]

    def network(self, data: Dataset) -> Network:
        """Return the network before training."""
        hidden: list[Layer] = [Flatten(), Dense(128, bias=False, initializer="farias_first"), Sigmoid()]
        if self.architecture != "dense":
            maps = Conv2D(FILTERS, SIDE, bias=False, initializer="farias_first")
            hidden = [maps, Sigmoid() if self.architecture == "sigmoid" else Tanh(), MaxPool2D(2), Flatten()]
        last = Dense(len(data.classes), bias=False, initializer="farias")
        return Network([*hidden, last, Sigmoid()], data.input_shape, rng=self.seed)

    def measure(self, data: Dataset, *needed: Numbers) -> Numbers:
        """Train the network for an epoch, make features and show them to it.

        Parameters
        ----------
        data : Dataset
        *needed : mapping
            Nothing.

        Returns
        -------
        dict of str to ndarray
            Test ``accuracy``; ``match`` and ``hits`` of the output features, and the ``hits from the mean image`` in
            the place of an image of zeros; the share of ``hidden``
            units that respond more to their own feature than to that of any other unit, and how alike these features
            are, and those of one-hot targets; the share of ``pairs`` of outputs both of which are moved up by the
            feature of the pair; some ``features`` of each kind; and, as a control, what the network gave
            ``untrained``.

        Notes
        -----
        The target of a hidden unit leaves the other units of its layer as they are without an image. A one-hot target
        would ask all of them to be silent as well, and that drowns the one.
        """
        train, _, test = parts(data)
        net = self.network(train)
        before = self._answers(net, train)
        learn(net, train, self.setting, 1, self.seed)
        controls = {f"{name}, untrained": before[name] for name in CONTROLLED}
        return {"accuracy": np.array(accuracy(net, test.x, test.labels)), **controls, **self._answers(net, train)}

    def _answers(self, net: Network, train: Dataset) -> Numbers:
        """Return what features are like, as `measure` says."""
        rule, last = self.setting.rule, net.names[-1]
        outputs = extract_feature(net, last, range(len(train.classes)), rule)
        pairs = list(combinations(range(len(train.classes)), 2))
        sets = extract_feature(net, last, pairs, rule)
        layer, units = self._hidden(net)
        hidden = extract_feature(net, layer, raised(net, layer, units), rule)
        one_hot = extract_feature(net, layer, units, rule)
        directions, mean_image = class_directions(train.x, train.labels), train.x.mean(axis=0)
        found = feature_match(outputs, directions)
        from_mean = extract_feature(net, last, range(len(train.classes)), rule, mean_image)
        from_mean -= mean_image if rule.start == "activation" else 0
        seen = {
            "outputs": outputs,
            "hidden": hidden,
            "pairs": sets[np.unique(np.linspace(0, len(pairs) - 1, SHOWN).astype(int))],
        }
        size = float(np.linalg.norm(train.x.reshape(len(train), -1), axis=1).mean())
        return {
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
        if self.architecture == "dense":
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


def jobs(data: Dataset, budget: Budget) -> list[Job]:
    """Return a network of each architecture and seed."""
    return [UnitFeatures(architecture, seed) for architecture in ARCHITECTURES for seed in range(budget.seeds)]


def any_units(results: Results) -> Claim:
    """Judge FM-10: networks train, features match, hidden units answer to their own, sets raise what they name."""
    document = (
        "features of any layer and of sets of units, and of convolutional networks",
        "described in section 2, pictured for outputs of dense networks alone",
    )
    if not (units := _by_architecture(results)):
        return untrained(results, "FM-10", *document)
    told, controls, holds = [], [], True
    for kind, numbers in units.items():
        scalars = [what for what, value in numbers[0].items() if np.ndim(value) == 0]
        values = {what: np.array([float(each[what]) for each in numbers]) for what in scalars}
        told.append(
            f"{ARCHITECTURES[kind]}: accuracy {percents(values['accuracy'])}, {spread(values['hits'], 'g')} output "
            f"features match their own class best ({spread(values['hits from the mean image'], 'g')} if they start at "
            f"the mean image), {percents(values['hidden'])} of the hidden units answer most to their own "
            f"feature (mean |cosine| of two {spread(values['hidden alike'], '.2f')}, with one-hot targets "
            f"{spread(values['one-hot alike'], '.2f')}), {percents(values['pairs'])} of the features of two outputs "
            f"raise both"
        )
        hits, own, both = (spread(values[f"{name}, untrained"], ".2g") for name in CONTROLLED)
        controls.append(
            f"untrained, {ARCHITECTURES[kind]}: {hits} hits, {own} of the hidden units, {both} of the pairs"
        )
        classes = len(numbers[0]["features of outputs"])
        holds &= bool(
            np.median(values["accuracy"]) >= WELL_ABOVE_CHANCE
            and np.median(values["hits"]) >= ENOUGH * classes > np.median(values["hits, untrained"])
            and min(np.median(values["hidden"]), np.median(values["pairs"])) >= ENOUGH
        )
    return results.claim(
        "FM-10",
        *document,
        "; ".join(told),
        holds,
        control=f"{'; '.join(controls)}: hidden units and pairs answer to their features in any network, the hits tell "
        "what was learned",
        settings="steps and rates of earlier trials with drawn digits",
    )


def sections(results: Results) -> Iterator[Section]:
    """Show features of each kind of unit."""
    found, classes = _by_architecture(results), results.data.classes
    if not found:
        return
    words = {"dense": "128 units", "sigmoid": "conv., sigmoid", "tanh": "conv., tanh"}
    rows = {
        f"{words[kind]}\n{which}": numbers[0][f"features of {which}"]
        for kind, numbers in found.items()
        for which in ("outputs", "hidden", "pairs")
    }
    columns = [str(number) for number in range(max(map(len, rows.values())))]
    yield Section(
        "units",
        "Hidden units, pairs of outputs, convolutional networks (FM-10)",
        plots.unit_features(rows, columns, "Features of outputs, of hidden units and of pairs of outputs"),
        "Rows of features for a dense and two convolutional networks.",
        "Trained for one epoch. Outputs are in the order of the classes; hidden units of convolutional networks are "
        "the middles of the eight maps behind the activation, whose features are as small as what they see; pairs of "
        f"outputs go from {classes[0]} and {classes[1]} to {classes[-2]} and {classes[-1]}.",
    )


def _by_architecture(results: Results) -> dict[str, list[Numbers]]:
    found: dict[str, list[Numbers]] = {}
    for job in results.jobs:
        if isinstance(job, UnitFeatures):
            found.setdefault(job.architecture, []).append(results.found[job])
    return found


EXPERIMENT = Experiment(jobs, lambda results: [any_units(results)], sections)
