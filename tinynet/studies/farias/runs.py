"""What was measured on the networks of the study, and how to ask for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from tinynet.studies.engine.experiment import Results
from tinynet.studies.engine.jobs import Numbers
from tinynet.studies.engine.statistics import percents, spread
from tinynet.studies.farias.networks import EPOCH, Recipe
from tinynet.studies.farias.settings import SQUARED, Setting
from tinynet.types import Array

MEASURES = {"match": "match of a feature with its class", "overlap": "mean |cosine| of two features"}


@dataclass(frozen=True, eq=False)
class Run:
    """A trained network and what was seen on the way.

    Attributes
    ----------
    recipe : Recipe
    numbers : mapping of str to ndarray
        As `Recipe.measure` returns them.
    """

    recipe: Recipe
    numbers: Numbers

    def after(self, epochs: float, what: str) -> float:
        """Return a number as it was after some epochs, or at the end if the network did not get there.

        Parameters
        ----------
        epochs : float
        what : str
            Such as "accuracy".
        """
        images = self.numbers["images"]
        at = min(int(np.searchsorted(images, epochs * EPOCH)), len(images) - 1)
        return float(self.numbers[what][at])

    def passing(self, level: float, what: str) -> float:
        """Return what a number was when the accuracy first passed a level; NaN if it never did.

        Parameters
        ----------
        level : float
            0 to 1.
        what : str

        Notes
        -----
        Between the last look below the level and the first one above, both are taken to move in a straight line.
        """
        right, values = self.numbers["accuracy"], self.numbers[what]
        above = np.flatnonzero(right >= level)
        if not len(above):
            return float("nan")
        at = int(above[0])
        if at == 0:
            return float(values[0])
        share = (level - right[at - 1]) / (right[at] - right[at - 1])
        return float(values[at - 1] + share * (values[at] - values[at - 1]))

    def features(self, epochs: int) -> Array | None:
        """Return the features after some epochs, if they were kept."""
        return self.numbers.get(f"features after {epochs}")

    def validation(self, epochs: int) -> float:
        """Return the accuracy on the validation images after some epochs; of a network that diverged before, 0."""
        return float(self.numbers.get(f"validation after {epochs}", 0.0))


class Group(NamedTuple):
    """Networks that differ in their seeds alone, looked at after some epochs.

    Attributes
    ----------
    setting : Setting
    epochs : int
    runs : sequence of Run
    """

    setting: Setting
    epochs: int
    runs: Sequence[Run]

    def each(self, what: str) -> Array:
        """Return a number of every network."""
        return np.array([run.after(self.epochs, what) for run in self.runs])

    def gain(self, other: Group, what: str) -> Array:
        """Return by how much a number exceeds that of other networks, seed by seed, for the seeds that both have."""
        theirs = {run.recipe.seed: run.after(other.epochs, what) for run in other.runs}
        shared = [run for run in self.runs if run.recipe.seed in theirs]
        return np.array([run.after(self.epochs, what) - theirs[run.recipe.seed] for run in shared])

    @property
    def accuracy(self) -> float:
        """Median test accuracy, per cent."""
        return 100 * float(np.median(self.each("accuracy")))

    @property
    def validation(self) -> float:
        """Median accuracy on the validation images, per cent: what settings are chosen by."""
        return 100 * float(np.median([run.validation(self.epochs) for run in self.runs]))

    @property
    def features(self) -> Array | None:
        """Features of the first network, if they were kept."""
        return self.runs[0].features(self.epochs)

    @property
    def control(self) -> str:
        """What the same networks give before training, with other classes than their own, and by chance."""
        untrained = np.array([run.after(0, "match") for run in self.runs])
        return (
            f"match before training {spread(untrained, '.2f')}, with the other classes "
            f"{spread(self.each('match of others'), '.2f')}; by chance 1 feature matches its own class best"
        )

    def __str__(self) -> str:
        match, correlation = spread(self.each("match"), ".2f"), spread(self.each("overlap"), ".2f")
        return (
            f"{percents(self.each('accuracy'))} ({self.setting}; match {match}, mean |cosine| {correlation}, "
            f"{spread(self.each('hits'), 'g')} features match their own class best)"
        )


class Sweep:
    """All networks of the study."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self.runs = list(runs)

    @classmethod
    def of(cls, results: Results) -> Sweep:
        """Return the networks among the jobs of an experiment."""
        return cls([Run(job, results.found[job]) for job in results.jobs if isinstance(job, Recipe)])

    def of_loss(self, loss: str = SQUARED) -> list[Run]:
        """Return the networks that are trained as in the paper, targets starting at zero, in one reading of the loss.

        Parameters
        ----------
        loss : str
            `settings.SQUARED` or `settings.CROSS_ENTROPY`.
        """
        return [run for run in self.runs if not run.recipe.change and run.recipe.setting[2:] == ("zero", loss)]

    def changed(self, change: str, strength: float = 0.0) -> list[Run]:
        """Return the networks in which something is done otherwise than in the paper."""
        return [run for run in self.runs if (run.recipe.change, run.recipe.strength) == (change, strength)]

    @cached_property
    def shapes(self) -> list[tuple[int, ...]]:
        """The hidden layers that there are, in order of their number and size."""
        return sorted({run.recipe.hidden for run in self.runs}, key=lambda hidden: (len(hidden), hidden))

    def groups(self, hidden: tuple[int, ...], epochs: int, start: str = "zero", loss: str = SQUARED) -> list[Group]:
        """Return the networks of one shape that are trained as in the paper, by setting.

        Parameters
        ----------
        hidden : tuple of int
        epochs : int
            After which to look at them.
        start : {"zero", "activation"}
            Where the steps of their targets started; at zero in the authors' program.
        loss : str
            At the output.
        """
        found: dict[Setting, list[Run]] = {}
        for run in self.runs:
            of = run.recipe
            if of.hidden == hidden and not of.change and of.setting[2:] == (start, loss):
                found.setdefault(of.setting, []).append(run)
        return [Group(setting, epochs, runs) for setting, runs in found.items()]

    def nearest(
        self, hidden: tuple[int, ...], epochs: int, accuracy: float, start: str = "zero", loss: str = SQUARED
    ) -> Group | None:
        """Return the networks of one shape whose accuracy on the validation images is nearest to a number, if any.

        Parameters
        ----------
        hidden, epochs, start, loss
            As in `groups`.
        accuracy : float
            Per cent.
        """
        groups = self.groups(hidden, epochs, start, loss)
        return min(groups, key=lambda group: abs(group.validation - accuracy)) if groups else None
