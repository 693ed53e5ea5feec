"""The networks of digits, and what stands in for the images of the document."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinynet import datasets, models
from tinynet.datasets import Dataset
from tinynet.network import Network
from tinynet.optimizers import Adam
from tinynet.studies.engine.experiment import Budget
from tinynet.studies.engine.jobs import Job, Numbers, with_parameters

RATES = (2e-3, 2e-3, 2e-3, 2e-3, 4e-4)
"""Of Adam, in each epoch."""
DRAWN = "muffins"
QUICK_BODIES = 100  # of the drawn set
TEST = 0.25  # of the photographs


def digits(data: Dataset) -> Dataset:
    """Return grey images of the document's size: those given, or drawn digits if those given are no such.

    Parameters
    ----------
    data : Dataset
    """
    return data if len(data.input_shape) == 3 and data.input_shape[0] == 1 else datasets.load("digits:8000")


def pictures(data: Dataset, *, quick: bool = False) -> Dataset:
    """Return the photographs: the data set given if it is in colour, else the drawn ones.

    Parameters
    ----------
    data : Dataset
    quick : bool
        Whether fewer drawn ones are enough.
    """
    if data.input_shape[0] == 3:
        return data
    return datasets.load(f"{DRAWN}:{QUICK_BODIES}" if quick else DRAWN)


def split(data: Dataset, seed: int) -> tuple[Dataset, Dataset]:
    """Return the images to train on and to test on; drawn ones of one body stay together.

    Parameters
    ----------
    data : Dataset
    seed : int
    """
    return data.split(TEST, rng=seed, groups="body" if "body" in data.attributes else None)


@dataclass(frozen=True)
class Digits(Job):
    """The document's network of two convolutions, trained on digits.

    Attributes
    ----------
    seed : int
        Of the weights and the order of the images.
    """

    seed: int

    @property
    def name(self) -> str:
        """The seed."""
        return f"digits_seed{self.seed}"

    @property
    def cost(self) -> float:
        """Long beside all else."""
        return 10.0

    def measure(self, data: Dataset, *needed: Numbers) -> Numbers:
        """Return the trained parameters, and which share of the test images is right.

        Parameters
        ----------
        data : Dataset
        *needed : mapping of str to ndarray
        """
        train, test = parts(data)
        net, model = network(data, self.seed), models.named("gulati")
        for epoch, rate in enumerate(RATES):
            order = self.seed + 1000 * epoch
            model.train(
                net, train.x, train.labels, optimizer=Adam(rate), epochs=1, rng=order, progress=False
            )  # one epoch at a time, as the rate falls
        return {**net.parameters(), "right": np.mean(net(test.x).argmax(axis=1) == test.labels)}

    def net(self, data: Dataset, trained: Numbers) -> Network:
        """Return the network with trained parameters.

        Parameters
        ----------
        data : Dataset
        trained : mapping of str to ndarray
            What `measure` returned.
        """
        return with_parameters(network(data, self.seed), trained)


def network(data: Dataset, seed: int) -> Network:
    """Return the document's network, untrained.

    Parameters
    ----------
    data : Dataset
    seed : int
    """
    ours = digits(data)
    return models.build("gulati", ours.input_shape, len(ours.classes), rng=seed)


def parts(data: Dataset) -> tuple[Dataset, Dataset]:
    """Return the images to train on and those to test on: the published split, or one that is the same for all.

    Parameters
    ----------
    data : Dataset
    """
    return digits(data).split(rng=0)


def trainings(budget: Budget) -> tuple[Digits, ...]:
    """Return the networks of a budget.

    Parameters
    ----------
    budget : Budget
    """
    return tuple(Digits(seed) for seed in range(budget.seeds))
