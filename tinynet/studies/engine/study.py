"""All experiments of a document, on several trained networks: from a data set to claims and a page."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tinynet.datasets import Dataset
from tinynet.network import Network
from tinynet.pages.page import Page
from tinynet.plots import count_of
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Experiment, Results, Trial, measured
from tinynet.studies.engine.writing import FILES, FOOTER, KICKER, in_order, in_short, versions, write


@dataclass(frozen=True)
class Study:
    """A document and its experiments.

    Attributes
    ----------
    name : str
        What the command line calls it.
    title, lede : str
        Heading of its page, and what it is about.
    sources : tuple of str
        References.
    epochs : int
        How long its networks train.
    trained : callable
        Takes training images, the path of a checkpoint, a seed, a number of epochs and what to call after each epoch;
        returns the trained network.
    experiments : tuple of Experiment
    """

    name: str
    title: str
    lede: str
    sources: tuple[str, ...]
    epochs: int
    trained: Callable[[Dataset, Path, int, int, Callable[[], object]], Network]
    experiments: tuple[Experiment, ...]


def run(
    study: Study,
    data: Dataset,
    out: str | os.PathLike[str],
    *,
    seeds: int = 10,
    epochs: int | None = None,
    command: str = "",
    progress: bool = True,
) -> list[Claim]:
    """Run all experiments on networks of several seeds; write ``claims.json`` and the page, and return the claims.

    Parameters
    ----------
    study : Study
    data : Dataset
        Images that its networks can be trained on.
    out : path
        Folder to write to. Trained networks and measurements are kept there, so that a study that was stopped goes on
        where it was.
    seeds : int
        Number of networks: each has its own split, weights and order of images.
    epochs : int, optional
        How long each trains; as in the document if not given.
    command : str
        What runs the study again; the page says so.
    progress : bool
        Whether a progress bar is shown (on a terminal only).

    Returns
    -------
    list of Claim
    """
    from tqdm.auto import tqdm

    started, folder, trained_for = time.perf_counter(), Path(out), epochs or study.epochs
    kept = folder / f"{trained_for}-epochs"
    kept.mkdir(parents=True, exist_ok=True)
    share = trained_for // len(study.experiments) + 1  # of the bar that an experiment fills: measuring takes as long
    total = seeds * (trained_for + share * len(study.experiments))
    with tqdm(
        total=total, desc=study.name, bar_format="{l_bar}{bar}| {elapsed}", disable=None if progress else True
    ) as bar:
        trials = []
        for seed in range(seeds):
            bar.set_description(f"network {seed + 1} of {seeds}, training")
            train, test = data.split(0.25, rng=seed)
            net = study.trained(train, kept / f"{seed}-network.npz", seed, trained_for, bar.update)
            bar.n = seed * trained_for + trained_for
            trials.append(Trial(net, data, train, test, seed, trained_for, kept))
        results = []
        for experiment in study.experiments:
            numbers = []
            for trial in trials:
                bar.set_description(f"network {trial.seed + 1} of {seeds}, {experiment.name}")
                numbers.append(measured(experiment, trial))
                bar.update(share)
            results.append(Results(numbers, trials[0]))
        pairs = list(zip(study.experiments, results, strict=True))
        claims = in_order([claim for experiment, found in pairs for claim in experiment.claims(found)])
        bar.set_description("figures")
        sections = [section for experiment, found in pairs for section in experiment.sections(found)]
        write(folder, _page(study, trials, claims, command, time.perf_counter() - started), claims, sections)
    return claims


def _page(study: Study, trials: Sequence[Trial], claims: Sequence[Claim], command: str, seconds: float) -> Page:
    trial = trials[0]
    data = trial.data
    facts = {
        "Data": f"{data.name}: {data.description or count_of(len(data), 'image')}",
        "Licence": data.licence,
        "Networks": f"{len(trials)}, seeds 0 to {len(trials) - 1} of splits, weights and orders",
        "Training": f"{trial.epochs} epochs, {len(trial.train)} images to train on, {len(trial.test)} to test on",
        "Time": f"{seconds:.0f} s, without what was kept from earlier runs",
        "Versions": versions(),
    }
    return Page(
        title=f"{study.title}: {data.name}",
        lede=study.lede,
        short=in_short(claims, len(trials)),
        facts={name: text for name, text in facts.items() if text},
        command=command,
        layers=trial.net.summary(),
        files={
            **FILES,
            f"{trial.epochs}-epochs/": "trained networks and measurements, which a later run takes up again",
        },
        sources=[*study.sources, *([data.citation] if data.citation else [])],
        footer=FOOTER,
        kicker=KICKER,
    )
