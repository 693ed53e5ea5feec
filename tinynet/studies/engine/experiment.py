"""An experiment of a study: measured on each of several trained networks, kept, and judged over all of them."""

from __future__ import annotations

import inspect
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import tinynet
from tinynet.datasets import Dataset
from tinynet.files import load_arrays, save_arrays
from tinynet.network import Network
from tinynet.pages.section import Section
from tinynet.studies.engine.claims import Claim
from tinynet.types import Array

Numbers = Mapping[str, Array]
FORMAT = "tinynet measurement"


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
    folder : Path
        Where trained networks and measurements are kept.
    """

    net: Network
    data: Dataset
    train: Dataset
    test: Dataset
    seed: int
    epochs: int
    folder: Path


@dataclass(frozen=True)
class Results:
    """What an experiment came to on each network.

    Attributes
    ----------
    numbers : sequence of mapping of str to ndarray
        One mapping for each network.
    trial : Trial
        The first of them, which figures are of.
    """

    numbers: Sequence[Numbers]
    trial: Trial

    def stack(self, name: str) -> Array:
        """Return one of the numbers of all networks: an array whose first axis is the networks.

        Parameters
        ----------
        name : str
        """
        return np.stack([found[name] for found in self.numbers])

    def has(self, name: str) -> bool:
        """Return whether something was measured.

        Parameters
        ----------
        name : str
        """
        return all(name in found for found in self.numbers)

    def claim(self, id: str, claim: str, documented: str, measured: str, holds: bool | np.bool_ | None) -> Claim:
        """Return a row of the study's table.

        Parameters
        ----------
        id, claim, documented, measured, holds : see :class:`Claim`
        """
        verdict = None if holds is None else bool(holds)
        return Claim(id, claim, documented, measured, verdict, len(self.numbers), self.trial.data.name)


@dataclass(frozen=True)
class Experiment:
    """A question of a document.

    Attributes
    ----------
    name : str
    measure : callable
        From a trial to named arrays.
    claims : callable
        From the results on all trials to claims.
    sections : callable
        From the results on all trials to parts of the study's page.
    """

    name: str
    measure: Callable[[Trial], Numbers]
    claims: Callable[[Results], list[Claim]]
    sections: Callable[[Results], Iterable[Section]]


def measured(experiment: Experiment, trial: Trial) -> Numbers:
    """Return what an experiment measures on a trial; what was measured before is read from its file.

    Parameters
    ----------
    experiment : Experiment
    trial : Trial

    Notes
    -----
    A measurement is taken up again only if it is of the same network, the same images and the same program.
    """
    identity = {
        "images": checksum([trial.data.x, trial.data.labels, trial.train.x, trial.test.x]),
        "network": checksum(list(trial.net.parameters().values())),
    }
    path = trial.folder / f"{trial.seed}-{experiment.name}.npz"
    return kept(path, identity, experiment.measure, lambda: experiment.measure(trial))


def kept(
    path: Path, identity: Mapping[str, Any], program: Callable[..., Numbers], measure: Callable[[], Numbers]
) -> Numbers:
    """Return what a file holds if it is what would be measured now, else measure it and write the file.

    Parameters
    ----------
    path : Path
    identity : mapping
        What must be the same for a measurement to be the same one, in types that JSON gives back.
    program : callable
        What measures: its module's text must be the same, too.
    measure : callable
        Returns named arrays.
    """
    module = inspect.getmodule(program)
    description = {
        "format": FORMAT,
        "tinynet": tinynet.__version__,
        "program": zlib.crc32(inspect.getsource(module or program).encode()),
        **identity,
    }
    if path.exists():
        try:
            found, numbers = load_arrays(path, FORMAT)
        except ValueError:
            found, numbers = {}, {}
        if found == description:
            return numbers
    numbers = {name: np.asarray(value) for name, value in measure().items()}
    save_arrays(path, description, numbers)
    return numbers


def checksum(arrays: Sequence[Array]) -> int:
    """Return one number for some arrays, which changes with any of their values.

    Parameters
    ----------
    arrays : sequence of ndarray
    """
    total = 0
    for array in arrays:
        total = zlib.crc32(np.ascontiguousarray(array).data, total)
    return total
