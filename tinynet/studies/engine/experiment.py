"""An experiment of a study: what it measures, how much of it, and how the results are judged and shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tinynet.arguments import boolean, whole_number
from tinynet.datasets import Dataset
from tinynet.pages.section import Section
from tinynet.signatures import checked
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.jobs import Job, Numbers
from tinynet.types import Array


@checked
@dataclass(frozen=True)
class Budget:
    """How much of a study is run.

    Attributes
    ----------
    seeds : int
        Networks of a kind.
    epochs : int, optional
        Passes over the training images; None where the study decides for each network.
    quick : bool
        Whether a first look is enough.
    """

    seeds: int
    epochs: int | None = None
    quick: bool = False

    def __post_init__(self) -> None:
        """Refuse a budget of nothing."""
        whole_number("seeds", self.seeds)
        if self.epochs is not None:
            whole_number("epochs", self.epochs)


@dataclass(frozen=True, eq=False)
class Results:
    """What the jobs of an experiment measured.

    Attributes
    ----------
    data : Dataset
    budget : Budget
    jobs : sequence of Job
        The jobs of the experiment.
    found : mapping of Job to mapping of str to ndarray
        Results of all jobs of the study.
    """

    data: Dataset
    budget: Budget
    jobs: Sequence[Job]
    found: Mapping[Job, Numbers]

    @property
    def numbers(self) -> list[Numbers]:
        """The result of each job."""
        return [self.found[job] for job in self.jobs]

    def stack(self, name: str) -> Array:
        """Return one array of all jobs: its first axis is the jobs."""
        return np.stack([numbers[name] for numbers in self.numbers])

    def has(self, name: str) -> bool:
        """Return whether every job measured something."""
        return all(name in numbers for numbers in self.numbers)

    @checked
    def claim(
        self,
        id: str,
        claim: str,
        documented: str,
        measured: str,
        holds: bool | np.bool_ | None,
        seeds: int | None = None,
        *,
        control: str = "",
        settings: str = "",
    ) -> Claim:
        """Return a row of the study's table.

        Parameters
        ----------
        id, claim, documented, measured : str
        holds : bool or None
            None where it is not a yes-or-no matter.
        seeds : int, optional
            Networks of a kind that it rests on; the budget's if not given.
        control, settings : str
            What a control gives, and what was chosen on which images; see `Claim`.
        """
        verdict, count = None if holds is None else boolean("holds", holds), seeds or self.budget.seeds
        return Claim(id, claim, documented, measured, verdict, count, self.data.name, control, settings)


def nothing_shown(results: Results) -> Iterable[Section]:
    """Return no part of the page: for experiments whose claims say everything."""
    return ()


def nothing_told(results: Results) -> str:
    """Return no text: for experiments whose claims say everything."""
    return ""


@checked
@dataclass(frozen=True)
class Experiment:
    """A question of a document.

    Attributes
    ----------
    jobs : callable
        From a data set and a budget to the jobs that answer it; experiments may share jobs.
    claims : callable
        From their results to claims.
    sections : callable
        From their results to parts of the study's page.
    told : callable
        From their results to a text that is shown before the claims, such as a table.
    """

    jobs: Callable[[Dataset, Budget], Sequence[Job]]
    claims: Callable[[Results], list[Claim]]
    sections: Callable[[Results], Iterable[Section]] = nothing_shown
    told: Callable[[Results], str] = nothing_told
