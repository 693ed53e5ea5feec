"""A job, the smallest piece of a study: a pure function of a few fields and a data set to named arrays."""

from __future__ import annotations

import inspect
import json
import re
import sys
import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import numpy as np

import tinynet
from tinynet.datasets import Dataset
from tinynet.files import load_arrays, save_arrays
from tinynet.kernels.blas import one_blas_thread
from tinynet.network import Network
from tinynet.types import Array

Numbers = Mapping[str, Array]
FORMAT = "tinynet job"


class JobError(RuntimeError):
    """A job that could not be done; the message names it and says why."""


@dataclass(frozen=True)
class Job:
    """One measurement of a study; each kind is a frozen dataclass with fields that JSON can hold.

    Notes
    -----
    A job may run in any process of any machine that has this program, so `measure` depends on nothing but its fields,
    the data set and the results of the jobs that it needs.

    Attributes
    ----------
    beside : tuple of module
        Of a kind of job: what it measures with, beside its own module.
    """

    beside: ClassVar[tuple[ModuleType, ...]] = ()

    @property
    def name(self) -> str:
        """Name of its file, without the ending; different for all jobs of a study."""
        raise NotImplementedError(f"{type(self).__name__} has no name")

    @property
    def cost(self) -> float:
        """How long it takes, in units that compare the jobs of a study."""
        return 1.0

    @property
    def needs(self) -> tuple[Job, ...]:
        """The jobs whose results `measure` takes."""
        return ()

    @property
    def program(self) -> str:
        """Text of the modules that measure; where it has changed, the job is done anew."""
        return "".join(map(inspect.getsource, (sys.modules[type(self).__module__], *self.beside)))

    def measure(self, data: Dataset, *needed: Numbers) -> Numbers:
        """Return named arrays.

        Parameters
        ----------
        data : Dataset
        *needed : mapping of str to ndarray
            Results of the jobs that this one needs, in their order.
        """
        raise NotImplementedError(f"{type(self).__name__} measures nothing")


@dataclass(frozen=True)
class OfNetwork(Job):
    """A measurement on a trained network.

    Attributes
    ----------
    training : Job
        Returns its parameters.
    """

    training: Job

    @property
    def name(self) -> str:
        """Name of the network, and what is done with it: the name of the kind of job."""
        return f"{self.training.name}_{type(self).__name__.lower()}"

    @property
    def needs(self) -> tuple[Job, ...]:
        """Training."""
        return (self.training,)


class Store:
    """A folder with the results of jobs, each in a file of its own.

    Parameters
    ----------
    folder : Path
    data : Dataset
        What the jobs measure.

    Attributes
    ----------
    outdated : list of str
        Names of jobs whose files were found but are damaged, or of other images, settings or another program.
    """

    def __init__(self, folder: Path, data: Dataset) -> None:
        self.folder, self.outdated = folder, list[str]()
        known: dict[str, Array] = {"x": data.x, "labels": data.labels, **data.attributes, **data.masks}
        self.data = checksum(known if data.is_test is None else {**known, "is_test": data.is_test})

    def load(self, job: Job, needed: Sequence[Numbers]) -> Numbers | None:
        """Return the result of a job if it is there, and is what the job would measure now.

        Parameters
        ----------
        job : Job
        needed : sequence of mapping
            Results of the jobs that it needs.
        """
        path = self._path(job)
        if not path.exists():
            return None
        try:
            description, numbers = load_arrays(path, FORMAT)
        except ValueError:
            description, numbers = {}, {}
        if description.get("identity") == self._identity(job, needed):
            return numbers
        self.outdated.append(job.name)
        return None

    def save(self, job: Job, needed: Sequence[Numbers], numbers: Numbers, seconds: float) -> None:
        """Write the result of a job, whole or not at all.

        Parameters
        ----------
        job : Job
        needed : sequence of mapping
            Results of the jobs that it needs.
        numbers : mapping of str to ndarray
        seconds : float
            How long it took.
        """
        description = {"format": FORMAT, "identity": self._identity(job, needed), "seconds": round(seconds, 3)}
        save_arrays(self._path(job), description, numbers)

    def _path(self, job: Job) -> Path:
        if not re.fullmatch(r"\w[\w.,+-]*", job.name):
            raise ValueError(f"a job is called {job.name!r}, expected letters, digits and any of _ . , + -")
        return self.folder / f"{job.name}.npz"

    def _identity(self, job: Job, needed: Sequence[Numbers]) -> dict[str, Any]:
        """Return what must be the same for two results to be of the same job, in types that JSON gives back."""
        return {
            "tinynet": tinynet.__version__,
            "program": zlib.crc32(job.program.encode()),
            "job": {"kind": type(job).__name__, **json.loads(json.dumps(asdict(job)))},
            "data": self.data,
            "needed": [checksum(numbers) for numbers in needed],
        }


def done(job: Job, data: Dataset, needed: Sequence[Numbers]) -> tuple[Numbers, float]:
    """Return what a job measures, and how many seconds it took.

    Parameters
    ----------
    job : Job
    data : Dataset
    needed : sequence of mapping
        Results of the jobs that it needs.

    Raises
    ------
    JobError
        If it fails in any way: errors of all kinds travel between processes and machines as this one.

    Notes
    -----
    BLAS has one thread meanwhile: how it adds up, and so what a network learns, depends on their number, and the same
    job must come to the same numbers wherever it runs.
    """
    started = time.perf_counter()
    try:
        with one_blas_thread(always=True):
            numbers = {name: np.asarray(value) for name, value in job.measure(data, *needed).items()}
    except Exception as error:
        raise JobError(f"{type(error).__name__}: {error}") from error
    return numbers, time.perf_counter() - started


def with_parameters(net: Network, values: Numbers) -> Network:
    """Return a network after its parameters were given other values.

    Parameters
    ----------
    net : Network
        It is written into.
    values : mapping of str to ndarray
        By full names, as `net.parameters()` returns them; further entries are passed over.
    """
    for name, array in net.parameters().items():
        array[...] = values[name]
    return net


def checksum(arrays: Numbers) -> int:
    """Return one number for named arrays, which changes with their names, shapes, types and values."""
    total = 0
    for name, array in sorted(arrays.items()):
        total = zlib.crc32(f"{name} {array.dtype.str} {array.shape}".encode(), total)
        total = zlib.crc32(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data, total)
    return total
