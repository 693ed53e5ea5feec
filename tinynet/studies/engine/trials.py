"""Experiments that ask trained networks: training is a job, and so is what each experiment measures on its network."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from tinynet import models
from tinynet.datasets import Dataset
from tinynet.network import Network
from tinynet.pages.section import Section
from tinynet.signatures import checked
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Budget, Experiment, Results, nothing_shown
from tinynet.studies.engine.jobs import Job, Numbers, with_parameters

TEST = 0.25  # of the images
OF_TRAINING = 1 / 8  # time of a measurement beside that of training


@dataclass(frozen=True, eq=False)
class Trial:
    """A trained network with its images.

    Attributes
    ----------
    net : Network
    data, train, test : Dataset
        All images, and those it was trained and is tested on.
    seed : int
        Of the split, the weights and the order of the images.
    epochs : int
        How long it was trained.
    """

    net: Network
    data: Dataset
    train: Dataset
    test: Dataset
    seed: int
    epochs: int


@dataclass(frozen=True)
class Training(Job):
    """A network to be trained.

    Attributes
    ----------
    model : str
        A key of `tinynet.models.MODELS`, which says how it is trained.
    seed : int
        Of the split, the weights and the order of the images.
    epochs : int
    groups : str, optional
        Images that the split must not part, see :meth:`tinynet.datasets.Dataset.split`.
    """

    model: str
    seed: int
    epochs: int
    groups: str | None = None

    @property
    def name(self) -> str:
        """Model, seed, epochs and groups."""
        groups = "" if self.groups is None else f"_{self.groups}"
        return f"{self.model}_seed{self.seed}_epochs{self.epochs}{groups}"

    @property
    def cost(self) -> float:
        """Passes over the images."""
        return self.epochs

    def split(self, data: Dataset) -> tuple[Dataset, Dataset]:
        """Return the images to train on and those to test on."""
        return data.split(TEST, rng=self.seed, groups=self.groups)

    def untrained(self, data: Dataset) -> Network:
        """Return the network before training."""
        return models.build(self.model, data.input_shape, len(data.classes), rng=self.seed)

    def measure(self, data: Dataset, *needed: Numbers) -> Numbers:
        """Return the trained parameters, by their full names, and the loss after each epoch."""
        net, (train, _) = self.untrained(data), self.split(data)
        history = models.named(self.model).train(
            net, train.x, train.labels, epochs=self.epochs, rng=self.seed, progress=False
        )
        return {**net.parameters(), "loss": np.array(history.loss)}

    def trial(self, data: Dataset, trained: Numbers) -> Trial:
        """Return the network with its images.

        Parameters
        ----------
        data : Dataset
        trained : mapping of str to ndarray
            What `measure` returned.
        """
        net = with_parameters(self.untrained(data), trained)
        return Trial(net, data, *self.split(data), self.seed, self.epochs)


@dataclass(frozen=True)
class Measurement(Job):
    """What a module measures on a trained network.

    Attributes
    ----------
    module : str
        Its `measure` takes a `Trial` and returns named arrays.
    training : Training
    """

    module: str
    training: Training

    @property
    def name(self) -> str:
        """Name of the network, and last part of the module's."""
        return f"{self.training.name}_{self.module.rpartition('.')[2]}"

    @property
    def cost(self) -> float:
        """Small beside training."""
        return self.training.cost * OF_TRAINING

    @property
    def needs(self) -> tuple[Job, ...]:
        """Training."""
        return (self.training,)

    @property
    def program(self) -> str:
        """Text of the module."""
        return inspect.getsource(importlib.import_module(self.module))

    def measure(self, data: Dataset, *needed: Numbers) -> Numbers:
        """Return what the module measures."""
        found: Numbers = importlib.import_module(self.module).measure(self.training.trial(data, needed[0]))
        return found


@checked
def trials(model: str, module: str, budget: Budget, groups: str | None = None) -> list[Measurement]:
    """Return what a module measures on networks of several seeds.

    Parameters
    ----------
    model, module : str
    budget : Budget
    groups : str, optional
        Images that splits must not part.
    """
    epochs = budget.epochs or models.named(model).epochs
    return [Measurement(module, Training(model, seed, epochs, groups)) for seed in range(budget.seeds)]


@checked
def on_each_network(
    model: str,
    module: str,
    claims: Callable[[Results], list[Claim]],
    sections: Callable[[Results], Iterable[Section]] = nothing_shown,
) -> Experiment:
    """Return an experiment that measures the same on each of several networks.

    Parameters
    ----------
    model : str
        A key of `tinynet.models.MODELS`.
    module : str
        Name of the module whose `measure` takes a `Trial`: ``__name__`` of the one that calls.
    claims, sections : callable
        See `Experiment`.
    """
    return Experiment(lambda data, budget: trials(model, module, budget), claims, sections)


def first_trial(results: Results) -> Trial:
    """Return the first of the networks that were measured, which figures are of.

    Parameters
    ----------
    results : Results
        Of an experiment on each network.
    """
    job = results.jobs[0]
    assert isinstance(job, Measurement)
    return job.training.trial(results.data, results.found[job.training])
