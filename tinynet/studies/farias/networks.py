"""The networks of the study: which are trained, and what is seen of their features on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from tinynet import models
from tinynet.classes import accuracy
from tinynet.datasets import Dataset
from tinynet.explain.metrics.feature_match import class_directions, feature_match
from tinynet.network import Network
from tinynet.optimizers import SGD
from tinynet.studies.engine.jobs import Job, Numbers
from tinynet.studies.farias import penalties, settings
from tinynet.studies.farias.penalties import FeaturePenalty
from tinynet.studies.farias.settings import Setting
from tinynet.training import Callback, DivergedError, TrainingStep, fit
from tinynet.types import Array

BATCH = 100
# Images that an epoch of the paper meets; smaller data sets are gone through as often as gives that many.
EPOCH = 60_000
EPOCHS = 10
LOOKS = (0, 500, 1000, 2000, 4000, 8000, 15_000, 30_000)  # images met before a look within the first epoch
CLASS_MEANS = "class means"
KINDS = ("one-hot", CLASS_MEANS)  # targets that features are made of
COLUMNS = ("match", "hits", "overlap", "match of others")
AVERAGED = 1000  # training images that the mean output of a class is taken over
CLEAR = 1  # epochs after which a network is looked at whose class means another one learns


@dataclass(frozen=True)
class Recipe(Job):
    """A network to train by target propagation, and to look at on the way.

    Attributes
    ----------
    hidden : tuple of int
        Units of the hidden layers.
    setting : Setting
        Step and start of the targets, and the learning rate.
    epochs : int
        Epochs of the paper: the network meets that many times as many images as MNIST has.
    seed : int
        Of the weights and of the order of the images.
    change : str
        What is done otherwise than in the paper: nothing, a penalty of `penalties.PENALTIES`, or "class means", if the
        network learns to put out the mean outputs of the classes of another one instead of one-hot vectors.
    strength : float
        Of the penalty.
    """

    hidden: tuple[int, ...]
    setting: Setting
    epochs: int
    seed: int
    change: str = ""
    strength: float = 0.0
    beside = (penalties, settings)

    @property
    def name(self) -> str:
        """Units, setting, epochs, seed, and what is done otherwise."""
        units, (tau, rate, start, loss) = "-".join(map(str, self.hidden)), self.setting
        change = f"_{self.change.replace(' ', '-')}{self.strength:g}" if self.change else ""
        return f"{units}_{loss}_from-{start}_tau{tau:g}_rate{rate:g}_epochs{self.epochs}{change}_seed{self.seed}"

    @property
    def cost(self) -> float:
        """Multiplications for an image, and what is the same for all networks."""
        return self.epochs * (2e5 + sum(a * b for a, b in zip((784, *self.hidden), (*self.hidden, 10), strict=True)))

    @property
    def needs(self) -> tuple[Recipe, ...]:
        """The network whose class means this one learns."""
        return (self.but(""),) if self.change == CLASS_MEANS else ()

    def but(self, change: str, strength: float = 0.0) -> Recipe:
        """Return the same network, with something done otherwise."""
        return replace(self, change=change, strength=strength)

    def measure(self, data: Dataset, *needed: Numbers) -> Numbers:
        """Train the network and look at it on the way.

        Parameters
        ----------
        data : Dataset
        *needed : mapping
            What was seen of the network whose class means this one learns.

        Returns
        -------
        dict of str to ndarray
            For each look: ``images`` met so far, test ``accuracy``, and of the features ``match``, ``hits``,
            ``overlap`` (see `explain.FeatureMatch`) and the ``match of others``, the mean cosine with a class that is
            not their own; the same of the features that are made of the mean outputs of the classes instead of
            one-hot targets, as ``match, class means`` and so on. At the epochs that the paper draws, the ``features``,
            the ``class means`` and the accuracy in ``validation``.
        """
        split = parts(data)
        looks = _Looks(self, split)
        targets = np.asarray(needed[0][f"class means after {CLEAR}"]) if needed else np.eye(len(data.classes))
        callbacks: list[Callback] = [looks]
        if self.change and not needed:
            callbacks.append(FeaturePenalty(self.change, self.strength, self.setting, looks.directions))
        try:
            learn(looks.net, split.train, self.setting, self.epochs, self.seed, callbacks, targets)
        except DivergedError:
            return looks.numbers()
        looks.last(looks.net)
        return looks.numbers()


class Parts(NamedTuple):
    """A data set in three.

    Attributes
    ----------
    train : Dataset
        To train on.
    validation : Dataset
        A sixth of the training images, to choose settings by.
    test : Dataset
        What claims are judged on.
    """

    train: Dataset
    validation: Dataset
    test: Dataset


def parts(data: Dataset) -> Parts:
    """Return the parts of a data set: by the published split, or by one that is the same for all.

    Notes
    -----
    Not class by class, whose rounding could leave a batch of one image: a step on it alone throws a network off.
    """
    known, test = data.split(rng=0)
    return Parts(*known.split(1 / 6, rng=0), test)


def network(hidden: Sequence[int], data: Dataset, seed: int) -> Network:
    """Return a new network of sigmoid units without biases, with the authors' weights.

    Parameters
    ----------
    hidden : sequence of int
        Units of the hidden layers.
    data : Dataset
        What it is for.
    seed : int
        Of the weights.
    """
    return Network(models.sigmoid_layers(hidden, len(data.classes)), data.input_shape, rng=seed)


def learn(
    net: Network,
    train: Dataset,
    setting: Setting,
    epochs: int,
    seed: int,
    callbacks: Sequence[Callback] = (),
    targets: Array | None = None,
) -> None:
    """Train a network by target propagation, as the paper does: plain gradient descent on batches of 100.

    Parameters
    ----------
    net : Network
        Changed in place.
    train : Dataset
    setting : Setting
    epochs : int
        Epochs of the paper.
    seed : int
        Of the order of the images.
    callbacks : sequence of Callback
    targets : ndarray of shape (K, K), optional
        What the outputs should be for each class; one-hot vectors if not given.
    """
    fit(
        net,
        train.x,
        train.labels if targets is None else targets[train.labels],
        loss=setting.at_output,
        optimizer=SGD(setting.rate),
        epochs=max(round(epochs * EPOCH / len(train)), 1),
        batch_size=BATCH,
        rng=seed,
        callbacks=callbacks,
        progress=False,
        rule=setting.rule,
    )


class _Looks(Callback):
    """Looks at a network as often as `LOOKS` and the ends of epochs say."""

    def __init__(self, recipe: Recipe, split: Parts) -> None:
        self.net, self.setting, self.split = network(recipe.hidden, split.train, recipe.seed), recipe.setting, split
        self.directions = class_directions(split.train.x, split.train.labels)
        averaged = np.random.default_rng(0).permutation(len(split.train))[:AVERAGED]
        self.averaged = split.train.take(averaged)
        self.drawn = sorted({EPOCH, recipe.epochs * EPOCH})
        self.due = [*LOOKS, *range(EPOCH, recipe.epochs * EPOCH, EPOCH)]
        self.images = 0
        self.rows: list[dict[str, float]] = []
        self.kept: dict[str, Array] = {}

    def on_batch(self, step: TrainingStep) -> None:
        """Look, if it is time, before the weights move."""
        if self.due and self.images >= self.due[0]:
            self.look(step.net)
        self.images += len(step.targets)

    def look(self, net: Network) -> None:
        """Measure accuracy and features now."""
        test, means = self.split.test, class_means(net, self.averaged)
        row = {"images": float(self.images), "accuracy": accuracy(net, test.x, test.labels)}
        one_hot = np.eye(len(means))
        for kind, targets in zip(KINDS, (one_hot, means), strict=True):
            features = self.setting.features(net, targets)
            found = feature_match(features, self.directions)
            others = float(found.to_classes[one_hot == 0].mean()) if len(means) > 1 else float("nan")
            values = (found.match, found.hits, found.overlap, others)
            row |= {column(name, kind): value for name, value in zip(COLUMNS, values, strict=True)}
        self.rows.append(row)
        self.due = [images for images in self.due if images > self.images]
        for images in [images for images in self.drawn if images <= self.images]:
            self._keep(net, images, means)

    def last(self, net: Network) -> None:
        """Measure accuracy and features when training is over."""
        self.look(net)
        for images in self.drawn[:]:  # the last may come a little early, as passes end where they end
            self._keep(net, images, class_means(net, self.averaged))

    def _keep(self, net: Network, images: int, means: Array) -> None:
        """Keep what is drawn or chosen by."""
        epoch, held_out = images // EPOCH, self.split.validation
        self.kept[f"features after {epoch}"] = self.setting.features(net, np.eye(len(means)))
        self.kept[f"class means after {epoch}"] = means
        self.kept[f"validation after {epoch}"] = np.array(accuracy(net, held_out.x, held_out.labels))
        self.drawn.remove(images)

    def numbers(self) -> Numbers:
        """Return what was seen, by name."""
        columns = {name: np.array([row[name] for row in self.rows]) for name in self.rows[0]}
        return {**columns, **self.kept}


def column(name: str, kind: str = KINDS[0]) -> str:
    """Return what a column of `COLUMNS` is called for features that are made of one-hot targets, or of others."""
    return name if kind == KINDS[0] else f"{name}, {kind}"


def class_means(net: Network, images: Dataset) -> Array:
    """Return the mean output for the images of each class, of shape (K, K); one-hot where a class has none.

    Parameters
    ----------
    net : Network
    images : Dataset
    """
    outputs = net(images.x)
    members = [images.labels == label for label in range(len(images.classes))]
    one_hot = np.eye(len(members))
    return np.stack([outputs[own].mean(axis=0) if own.any() else one_hot[at] for at, own in enumerate(members)])
