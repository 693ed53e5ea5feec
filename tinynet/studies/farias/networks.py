"""Which networks the study trains, and how: the table of rates and steps that were found to train them.

What was tried, on MNIST, with the authors' weights, batches of 100 and no momentum (test accuracy after ten
epochs; one seed unless it says so):

- One hidden layer, the authors' step of 100: rates 0.02, 0.05, 0.1 and 0.5 give 128 units 92.4, 94.3, 95.5 and 96.1 %.
  Few units want a shorter step: 16 units reach 91.2 % with step 100 and rate 0.1, 92.0 % with step 30 and rate 0.3.
- Two hidden layers: the step of 100 leaves 16-16 at 10 %, 30 gives 87.7 %, 15 gives 91.7 %; 32-32 reaches 94.9 %.
- Three hidden layers of 128: steps of 3 do not train at all, 8 gives 40 % after an epoch, 10 gives 84 % after ten, 20
  gives 97.2 %. Of 512: 10 does not train, 20 to 30 give 94.6 % after three epochs, 25 with rate 0.001 gives 86 %
  after ten. Of 1024, with step 25 after two epochs: 87 % with rate 0.01, 69 % with rate 0.002. A layer multiplies what
  comes down by about the step times f' times the size of its weights, and that wants to be near 1.
- Three hidden layers of 16: 35 runs with random steps (6 to 60) and rates (0.003 to 1), half of them with a momentum of
  0.9, and 36 around the best. Step 10 with rate 0.1 or 0.15 was best: 80 to 90 %, by seed. Momentum did not help, nor
  did rates that fall to 0. Repeated steps (the authors' `period`, 2 to 10) gave 90 % at best.
- Three hidden layers of 8: 35 such random runs stayed below 58 %, further ones below 74 %, repeated steps below 83 %.
- Started at the activation instead of at zero, which is backpropagation with the delta of a layer scaled by a power of
  the step, three layers of 16 reach 93.4 % (step 2, rate 1; 91 % with rate 0.3) and three of 8 reach 88 to 90 % (step
  1.5, rate 4; less with steps of 2 and 3 and rates of 1 to 5). So it is the pull to zero, strong beside a target that
  few units send down, that keeps narrow deep networks from the paper's numbers; these shapes are trained both ways.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np

from tinynet import models
from tinynet.classes import accuracy
from tinynet.datasets import Dataset
from tinynet.explain.metrics.feature_match import class_directions, feature_match
from tinynet.losses import SquaredError
from tinynet.network import Network
from tinynet.optimizers import SGD
from tinynet.studies.engine.experiment import Numbers
from tinynet.targets import GradientTargets, extract_feature
from tinynet.training import Callback, DivergedError, TrainingStep, fit
from tinynet.types import Array

BATCH = 100
EPOCH = (
    60_000  # images that an epoch of the paper meets; smaller data sets are gone through as often as gives that many
)
EPOCHS = 10
LOOKS = (0, 500, 1000, 2000, 4000, 8000, 15_000, 30_000)  # images met before a look within the first epoch
COLUMNS = ("images", "accuracy", "match", "hits", "overlap")
WIDE = 512  # units of a layer: networks that take minutes
MANY_IMAGES = 30_000
SEEDS_OF_WIDE = 3
QUICK = ((8,), (16,), (128,), (512,), (8, 8, 8), (16, 16, 16), (128, 128, 128))


class Setting(NamedTuple):
    """How networks of one shape are trained.

    Attributes
    ----------
    tau : float
        Length of the step that makes targets.
    rates : tuple of float
        Learning rates; the first is the one to begin with.
    start : str
        Where the step starts.
    """

    tau: float
    rates: tuple[float, ...]
    start: str = "zero"


ONE, TWO, THREE = (0.02, 0.1, 0.5), (0.03, 0.1, 0.01), (0.03, 0.01, 0.1)
SETTINGS = {
    (8,): Setting(30, (0.1, 0.03, 0.3)),
    (16,): Setting(30, (0.3, 0.1, 1.0)),
    (32,): Setting(30, (0.1, 0.5, 0.03)),
    (64,): Setting(100, ONE),
    (128,): Setting(100, ONE),
    (256,): Setting(100, ONE),
    (512,): Setting(100, ONE),
    (1024,): Setting(100, ONE),
    (8, 8): Setting(15, (0.1, 0.3, 0.03)),
    (16, 16): Setting(15, (0.1, 0.3, 0.03)),
    (32, 32): Setting(15, (0.1, 0.3, 0.03)),
    (64, 64): Setting(30, TWO),
    (128, 128): Setting(30, TWO),
    (256, 256): Setting(30, TWO),
    (512, 512): Setting(30, TWO),
    (1024, 1024): Setting(30, TWO),
    (8, 8, 8): Setting(8, (0.15, 0.3, 0.05)),
    (16, 16, 16): Setting(10, (0.15, 0.3, 0.05)),
    (32, 32, 32): Setting(15, (0.1, 0.3, 0.03)),
    (64, 64, 64): Setting(20, (0.1, 0.03, 0.01)),
    (128, 128, 128): Setting(20, THREE),
    (256, 256, 256): Setting(20, THREE),
    (512, 512, 512): Setting(25, (0.005, 0.0008)),
    (1024, 1024, 1024): Setting(25, (0.01, 0.003)),
}
FROM_ACTIVATION = {
    (8, 8, 8): Setting(1.5, (4.0, 2.0), "activation"),
    (16, 16, 16): Setting(2, (1.0, 0.3, 3.0), "activation"),
}


@dataclass(frozen=True)
class Recipe:
    """A network to train by target propagation, and to look at on the way.

    Attributes
    ----------
    hidden : tuple of int
        Units of the hidden layers.
    tau, rate : float
        Step of the targets, and of the weights.
    epochs : int
        How often the network meets as many images as MNIST has.
    seed : int
        Of the weights and of the order of the images.
    start : {"zero", "activation"}
        Where the step of the targets starts: at zero as in the authors' program, or at the activation.
    """

    hidden: tuple[int, ...]
    tau: float
    rate: float
    epochs: int
    seed: int
    start: str = "zero"

    @property
    def name(self) -> str:
        """What the network's file is called."""
        units = "-".join(map(str, self.hidden))
        return f"{units}_from-{self.start}_tau{self.tau:g}_rate{self.rate:g}_epochs{self.epochs}_seed{self.seed}"

    @property
    def rule(self) -> GradientTargets:
        """How it learns, and how its features are made."""
        return GradientTargets(self.tau, self.start)

    @property
    def cost(self) -> float:
        """How long it trains, in units that compare networks."""
        return self.epochs * (2e5 + sum(a * b for a, b in zip((784, *self.hidden), (*self.hidden, 10), strict=True)))

    @property
    def identity(self) -> dict[str, Any]:
        """What makes it the network that it is, in types that JSON gives back."""
        return {**asdict(self), "hidden": list(self.hidden)}

    def measure(self, train: Dataset, test: Dataset) -> Numbers:
        """Train the network and look at it on the way.

        Parameters
        ----------
        train, test : Dataset

        Returns
        -------
        dict of str to ndarray
            For each look: ``images`` met so far, test ``accuracy``, and ``match``, ``hits`` and ``overlap`` of the
            features, (see `explain.FeatureMatch`); and the ``features`` at the epochs that the paper draws.
        """
        looks = _Looks(self, train, test)
        net = looks.net
        passes = max(round(self.epochs * EPOCH / len(train)), 1)
        try:
            learn(net, train, self.rule, self.rate, passes, self.seed, [looks])
        except DivergedError:
            return looks.numbers()
        looks.last(net)
        return looks.numbers()


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
    rule: GradientTargets,
    rate: float,
    passes: int,
    seed: int,
    callbacks: Sequence[Callback] = (),
) -> None:
    """Train a network by target propagation, as the paper does: plain gradient descent on batches of 100.

    Parameters
    ----------
    net : Network
        Changed in place.
    train : Dataset
    rule : GradientTargets
    rate : float
    passes : int
        How often each image is met.
    seed : int
        Of the order of the images.
    callbacks : sequence of Callback
        What watches.
    """
    fit(
        net,
        train.x,
        train.labels,
        loss=SquaredError(),
        optimizer=SGD(rate),
        epochs=passes,
        batch_size=BATCH,
        rng=seed,
        callbacks=callbacks,
        progress=False,
        rule=rule,
    )


def recipes(images: int, seeds: int, quick: bool = False) -> list[Recipe]:
    """Return the networks of the study.

    Parameters
    ----------
    images : int
        How many there are to train on. With fewer than `MANY_IMAGES`, networks that take minutes are trained once, at
        one rate.
    seeds : int
        How many of each.
    quick : bool
        Some small networks instead, at two rates.
    """
    found = []
    for hidden, setting in (*SETTINGS.items(), *FROM_ACTIVATION.items()):
        if quick and hidden not in QUICK:
            continue
        wide, deep = hidden[0] >= WIDE, len(hidden) > 1
        once = wide and (quick or images < MANY_IMAGES)
        rates = setting.rates[: 1 if once else 2 if quick or (wide and deep) else None]
        count = min(seeds, 1 if once else SEEDS_OF_WIDE if wide and deep else seeds)
        start = setting.start
        found += [Recipe(hidden, setting.tau, rate, EPOCHS, seed, start) for rate in rates for seed in range(count)]
    return found


class _Looks(Callback):
    """Looks at a network as often as `LOOKS` and the ends of epochs say."""

    def __init__(self, recipe: Recipe, train: Dataset, test: Dataset) -> None:
        self.net = network(recipe.hidden, train, recipe.seed)
        self.rule, self.test = recipe.rule, test
        self.directions = class_directions(train.x, train.labels)
        self.drawn = sorted({EPOCH, recipe.epochs * EPOCH})
        self.due = [*LOOKS, *range(EPOCH, recipe.epochs * EPOCH, EPOCH)]
        self.images = 0
        self.rows: list[tuple[float, ...]] = []
        self.features: dict[str, Array] = {}

    def on_batch(self, step: TrainingStep) -> None:
        """Look, if it is time, before the weights move.

        Parameters
        ----------
        step : TrainingStep
        """
        if self.due and self.images >= self.due[0]:
            self.look(step.net)
        self.images += len(step.targets)

    def look(self, net: Network) -> None:
        """Measure accuracy and features now.

        Parameters
        ----------
        net : Network
        """
        features = extract_feature(net, net.names[-1], range(len(self.directions)), self.rule)
        right = accuracy(net, self.test.x, self.test.labels)
        found = feature_match(features, self.directions)
        self.rows.append((self.images, right, found.match, found.hits, found.overlap))
        self.due = [images for images in self.due if images > self.images]
        for images in [images for images in self.drawn if images <= self.images]:
            self._draw(images, features)

    def last(self, net: Network) -> None:
        """Measure accuracy and features when training is over.

        Parameters
        ----------
        net : Network
        """
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
