"""A study: the experiments of a document on one data set, from jobs to claims and a page."""

from __future__ import annotations

import inspect
import os
import re
import sys
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path

import tinynet
from tinynet.datasets import Dataset
from tinynet.files import workshop
from tinynet.network import Network
from tinynet.pages.page import Page
from tinynet.plots import count_of
from tinynet.progress import progress_bar
from tinynet.signatures import checked
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Budget, Experiment, Results
from tinynet.studies.engine.jobs import Job, Numbers, Store
from tinynet.studies.engine.runner import results, with_needs
from tinynet.studies.engine.workers import at_work
from tinynet.studies.engine.writing import FILES, FOOTER, KICKER, in_order, in_short, versions, write

JOBS = "jobs"  # folder with the result of each job
EARLIER = ("*/*-epochs/*-error.npz", "*/networks/*_seed0.npz")  # where measurements lay before jobs had a folder
LONGEST = 40  # characters of a data set's name in a folder's


def no_facts(data: Dataset, budget: Budget) -> Mapping[str, str]:
    """Return nothing: for studies whose page says enough without."""
    return {}


@checked
@dataclass(frozen=True)
class Study:
    """A document and its experiments.

    Attributes
    ----------
    name : str
        What the command line calls it, and the name of its folder.
    title, lede : str
        Heading of its page, and what it is about.
    sources : tuple of str
        References.
    data : str
        The data set that it runs on unless another is asked for, as `tinynet.datasets.load` takes it.
    full, quick : Budget
        How much is run, and how much for a first look.
    experiments : tuple of Experiment
    network : callable, optional
        From a data set to a network of the study, whose layers the page lists; a ValueError says that images do not
        fit.
    facts : callable
        From a data set and a budget to what the page says of networks and training, by heading.
    """

    name: str
    title: str
    lede: str
    sources: tuple[str, ...]
    data: str
    full: Budget
    quick: Budget
    experiments: tuple[Experiment, ...]
    network: Callable[[Dataset], Network] | None = None
    facts: Callable[[Dataset, Budget], Mapping[str, str]] = no_facts


@checked
def run(
    study: Study,
    data: Dataset,
    out: str | os.PathLike[str],
    *,
    budget: Budget | None = None,
    workers: int | str | Executor | None = None,
    command: str = "",
    progress: bool = True,
    tell: Callable[[str], object] = lambda text: None,
) -> list[Claim]:
    """Run all experiments; write ``claims.json`` and the page, and return the claims.

    Parameters
    ----------
    study : Study
    data : Dataset
        Images that its networks can be trained on.
    out : path
        Folder to write to. The result of each job is kept there, so that a study that was stopped goes on where it was.
    budget : Budget, optional
        How much to run; the whole study if not given.
    workers : int, str or Executor, optional
        Number of processes on this machine (1: this process alone), address of the scheduler of a Dask cluster, or any
        `concurrent.futures.Executor`; one process for each processor if not given. Only this process writes files.
    command : str
        What runs the study again; the page says so.
    progress : bool
        Whether a progress bar is shown (on a terminal only).
    tell : callable
        Told what experiments have to say beside their claims, such as ``print``.

    Returns
    -------
    list of Claim

    Raises
    ------
    ValueError
        If the study's network does not take such images.
    OSError
        If the folder cannot be written to: before the work starts.
    JobError
        If a job fails or its worker is lost; what was finished is kept.
    """
    started, folder, amount = time.perf_counter(), Path(out), budget or study.full
    layers = _layers(study, data)
    folder.mkdir(parents=True, exist_ok=True)
    with workshop(folder):
        pass  # it can be written to, which one wants to know before the first job is done
    chosen = [experiment.jobs(data, amount) for experiment in study.experiments]
    _tell_of_earlier(folder)
    store = Store(folder / JOBS, data)
    found = _measured(study.name, [job for jobs in chosen for job in jobs], store, workers, data, progress)
    if store.outdated:
        _tell(f"{len(store.outdated)} results in {store.folder} were of other images or settings, or another program")
    pairs = [
        (experiment, Results(data, amount, jobs, found))
        for experiment, jobs in zip(study.experiments, chosen, strict=True)
    ]
    claims = in_order([claim for pair in pairs for claim in _claims(*pair)])
    sections = [section for experiment, measured in pairs for section in experiment.sections(measured)]
    write(folder, _page(study, data, layers, amount, claims, command, time.perf_counter() - started), claims, sections)
    for text in filter(None, (experiment.told(measured) for experiment, measured in pairs)):
        tell(f"{text}\n")
    return claims


@checked
def folder_name(data: Dataset, *, quick: bool = False) -> str:
    """Return the name of the folder for a data set's study: one component of a path, whatever the set is called.

    Parameters
    ----------
    data : Dataset
    quick : bool
        Whether the study is a first look, which has a folder of its own.

    Examples
    --------
    >>> from tinynet import datasets
    >>> folder_name(datasets.load("letters:5"))
    'letters-15'
    """
    safe = re.sub(r"\W+", "-", data.name)[:LONGEST].strip("-") or "data"
    if safe != data.name:  # names that differ where they are no letters must not share a folder
        safe = f"{safe}-{zlib.crc32(data.name.encode('utf-8', 'surrogatepass')):08x}"
    return f"{safe}-{len(data)}{'-quick' if quick else ''}"


def _claims(experiment: Experiment, measured: Results) -> list[Claim]:
    """Return the claims of an experiment, each with the file of the program that judges it, if it is one of ours."""
    path = Path(inspect.getfile(experiment.claims))
    project = Path(tinynet.__file__).parents[1]
    code = path.relative_to(project).as_posix() if path.is_relative_to(project) else ""
    return [replace(claim, code=code) for claim in experiment.claims(measured)]


def _measured(
    name: str,
    jobs: Sequence[Job],
    store: Store,
    workers: int | str | Executor | None,
    data: Dataset,
    progress: bool,
) -> Mapping[Job, Numbers]:
    everything = with_needs(jobs)
    total, count = sum(job.cost for job in everything), 0
    with progress_bar(show=progress, total=100, desc=name, bar_format="{l_bar}{bar}| {elapsed}") as bar:

        def after_each(job: Job) -> None:
            nonlocal count
            count += 1
            bar.set_description(f"{count} of {len(everything)} jobs")
            bar.update(100 * job.cost / total)

        with at_work(workers, data) as hands:
            return results(jobs, store, hands, after_each)


def _tell_of_earlier(folder: Path) -> None:
    """Say so if only an earlier version, which kept its measurements in other folders, has run this study."""
    if not (folder / JOBS).exists():
        for pattern in EARLIER:
            for path in sorted(folder.parent.glob(pattern))[:1]:
                _tell(f"{path.parent} is of an earlier version")


def _tell(what: str) -> None:
    print(f"tinynet: {what}: begun anew", file=sys.stderr)


def _layers(study: Study, data: Dataset) -> str:
    try:
        return "" if study.network is None else study.network(data).summary()
    except ValueError as error:
        raise ValueError(f"study {study.name}: its network does not take the images of {data.name}: {error}") from error


def _page(
    study: Study,
    data: Dataset,
    layers: str,
    budget: Budget,
    claims: Sequence[Claim],
    command: str,
    seconds: float,
) -> Page:
    facts = {
        "Data": f"{data.name}: {data.description or count_of(len(data), 'image')}",
        "Licence": data.licence,
        **study.facts(data, budget),
        "Time": f"{seconds:.0f} s, without what was kept from earlier runs",
        "Versions": versions(),
    }
    return Page(
        title=f"{study.title}: {data.name}",
        lede=study.lede,
        short=in_short(claims, budget.seeds),
        facts={name: text for name, text in facts.items() if text},
        command=command,
        layers=layers,
        files={**FILES, f"{JOBS}/": "what each job measured, which a later run takes up again"},
        sources=[*study.sources, *([data.citation] if data.citation else [])],
        footer=FOOTER,
        kicker=KICKER,
    )
