"""The networks of the study: which are trained, and what is seen of their features on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinynet import models
from tinynet.classes import accuracy
from tinynet.datasets import Dataset
from tinynet.explain.metrics.feature_match import class_directions, feature_match
from tinynet.losses import SquaredError
from tinynet.network import Network
from tinynet.optimizers import SGD
from tinynet.studies.engine.experiment import Budget
from tinynet.studies.engine.jobs import Job, Numbers
from tinynet.studies.farias.settings import FROM_ACTIVATION, SETTINGS, Setting
from tinynet.targets import extract_feature
from tinynet.training import Callback, DivergedError, TrainingStep, fit
from tinynet.types import Array

BATCH = 100
# Images that an epoch of the paper meets; smaller data sets are gone through as often as gives that many.
EPOCH = 60_000
EPOCHS = 10
LOOKS = (0, 500, 1000, 2000, 4000, 8000, 15_000, 30_000)  # images met before a look within the first epoch
COLUMNS = ("images", "accuracy", "match", "hits", "overlap")
WIDE = 512  # units of a layer: networks that take minutes
MANY_IMAGES = 30_000
SEEDS_OF_WIDE = 3
QUICK = ((8,), (16,), (128,), (512,), (8, 8, 8), (16, 16, 16), (128, 128, 128))


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
    """

    hidden: tuple[int, ...]
    setting: Setting
    epochs: int
    seed: int

    @property
    def name(self) -> str:
        """Units, setting, epochs and seed."""
        units, (tau, rate, start) = "-".join(map(str, self.hidden)), self.setting
        return f"{units}_from-{start}_tau{tau:g}_rate{rate:g}_epochs{self.epochs}_seed{self.seed}"

    @property
    def cost(self) -> float:
        """Multiplications for an image, and what is the same for all networks."""
        return self.epochs * (2e5 + sum(a * b for a, b in zip((784, *self.hidden), (*self.hidden, 10), strict=True)))

    def measure(self, data: Dataset, *needed: Numbers) -> Numbers:
        """Train the network and look at it on the way.

        Parameters
        ----------
        data : Dataset
        *needed : mapping
            Nothing.

        Returns
        -------
        dict of str to ndarray
            For each look: ``images`` met so far, test ``accuracy``, and ``match``, ``hits`` and ``overlap`` of the
            features, (see `explain.FeatureMatch`); and the ``features`` at the epochs that the paper draws.
        """
        train, test = parts(data)
        looks = _Looks(self, train, test)
        try:
            learn(looks.net, train, self.setting, self.epochs, self.seed, [looks])
        except DivergedError:
            return looks.numbers()
        looks.last(looks.net)
        return looks.numbers()


def parts(data: Dataset) -> tuple[Dataset, Dataset]:
    """Return the images to train on and those to test on: the published split, or one that is the same for all."""
    return data.split(rng=0)


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
    net: Network, train: Dataset, setting: Setting, epochs: int, seed: int, callbacks: Sequence[Callback] = ()
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
    """
    fit(
        net,
        train.x,
        train.labels,
        loss=SquaredError(),
        optimizer=SGD(setting.rate),
        epochs=max(round(epochs * EPOCH / len(train)), 1),
        batch_size=BATCH,
        rng=seed,
        callbacks=callbacks,
        progress=False,
        rule=setting.rule,
    )


def recipes(data: Dataset, budget: Budget) -> list[Recipe]:
    """Return the networks of the study.

    Parameters
    ----------
    data : Dataset
        With fewer than `MANY_IMAGES` to train on, networks that take minutes are trained once, at one rate.
    budget : Budget
        If quick, some small networks at two rates.
    """
    few_images = len(parts(data)[0]) < MANY_IMAGES
    found = []
    for hidden, settings in (*SETTINGS.items(), *FROM_ACTIVATION.items()):
        if budget.quick and hidden not in QUICK:
            continue
        wide, deep = hidden[0] >= WIDE, len(hidden) > 1
        once = wide and (budget.quick or few_images)
        rates = 1 if once else 2 if budget.quick or (wide and deep) else None
        count = min(budget.seeds, 1 if once else SEEDS_OF_WIDE if wide and deep else budget.seeds)
        found += [Recipe(hidden, setting, EPOCHS, seed) for setting in settings[:rates] for seed in range(count)]
    return found


class _Looks(Callback):
    """Looks at a network as often as `LOOKS` and the ends of epochs say."""

    def __init__(self, recipe: Recipe, train: Dataset, test: Dataset) -> None:
        self.net = network(recipe.hidden, train, recipe.seed)
        self.rule, self.test = recipe.setting.rule, test
        self.directions = class_directions(train.x, train.labels)
        self.drawn = sorted({EPOCH, recipe.epochs * EPOCH})
        self.due = [*LOOKS, *range(EPOCH, recipe.epochs * EPOCH, EPOCH)]
        self.images = 0
        self.rows: list[tuple[float, ...]] = []
        self.features: dict[str, Array] = {}

    def on_batch(self, step: TrainingStep) -> None:
        """Look, if it is time, before the weights move."""
        if self.due and self.images >= self.due[0]:
            self.look(step.net)
        self.images += len(step.targets)

    def look(self, net: Network) -> None:
        """Measure accuracy and features now."""
        features = extract_feature(net, net.names[-1], range(len(self.directions)), self.rule)
        right = accuracy(net, self.test.x, self.test.labels)
        found = feature_match(features, self.directions)
        self.rows.append((self.images, right, found.match, found.hits, found.overlap))
        self.due = [images for images in self.due if images > self.images]
        for images in [images for images in self.drawn if images <= self.images]:
            self._draw(images, features)

    def last(self, net: Network) -> None:
        """Measure accuracy and features when training is over."""
        self.look(net)
        for images in self.drawn[:]:
            self._draw(images, extract_feature(net, net.names[-1], range(len(self.directions)), self.rule))

    def _draw(self, images: int, features: Array) -> None:
        """Keep features for a picture; the last may come a little early, as passes end where they end."""
        self.features[f"features after {images // EPOCH}"] = features
        self.drawn.remove(images)

    def numbers(self) -> Numbers:
        """Return what was seen, by name."""
        columns = np.array(self.rows).T
        return {**dict(zip(COLUMNS, columns, strict=True)), **self.features}
