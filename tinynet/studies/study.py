"""All experiments of a document, on several trained networks: from a data set to claims and a page."""

from __future__ import annotations

import io
import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import tinynet
from tinynet.datasets import Dataset
from tinynet.files import written_whole
from tinynet.network import Network
from tinynet.plots import count_of
from tinynet.report.page import Page, render
from tinynet.report.sections import Section
from tinynet.studies.claims import VERDICTS, Claim, save
from tinynet.studies.experiment import Experiment, Results, Subject, measured

DPI = 130
PAGE = "study.html"


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
        subjects = []
        for seed in range(seeds):
            bar.set_description(f"network {seed + 1} of {seeds}, training")
            train, test = data.split(0.25, rng=seed)
            net = study.trained(train, kept / f"{seed}-network.npz", seed, trained_for, bar.update)
            bar.n = seed * trained_for + trained_for
            subjects.append(Subject(net, data, train, test, seed, trained_for, kept))
        results = []
        for experiment in study.experiments:
            numbers = []
            for subject in subjects:
                bar.set_description(f"network {subject.seed + 1} of {seeds}, {experiment.name}")
                numbers.append(measured(experiment, subject))
                bar.update(share)
            results.append(Results(numbers, subjects[0]))
        pairs = list(zip(study.experiments, results, strict=True))
        claims = sorted((c for experiment, found in pairs for c in experiment.claims(found)), key=_order)
        bar.set_description("figures")
        sections = [section for experiment, found in pairs for section in experiment.sections(found)]
        pictures = _drawn(sections, folder / "figures")
    page = _page(study, subjects, claims, command, time.perf_counter() - started)
    save(claims, folder)
    with written_whole(folder / PAGE) as temporary:
        text = render(page, [_table(claims), *sections], pictures)
        temporary.write_bytes(text.encode("utf-8", errors="replace"))
    return claims


def _order(claim: Claim) -> tuple[int, int]:
    number = claim.id.partition("-")[2].partition(",")[0]
    return int(number), len(claim.id)


def _drawn(sections: Sequence[Section], folder: Path) -> dict[str, bytes]:
    """Return the figures as PNG files, and write them to a folder."""
    pictures = {}
    for section in sections:
        if section.figure is not None:
            stream = io.BytesIO()
            section.figure.savefig(stream, format="png", dpi=DPI)
            pictures[section.name] = stream.getvalue()
            with written_whole(folder / f"{section.name}.png") as temporary:
                temporary.write_bytes(stream.getvalue())
    return pictures


def _table(claims: Sequence[Claim]) -> Section:
    head = ("id", "verdict", "claim", "document", "measured")
    rows = [(c.id, VERDICTS[c.holds], c.claim, c.documented, c.measured) for c in claims]
    return Section(
        "claims",
        "The claims",
        None,
        "",
        "Each claim of the document beside our measurement: the median over the networks and, in brackets, the range. "
        "A claim that does not hold here is a finding, as one that does; reported is what is not a matter of yes or "
        "no.",
        (),
        (head, *rows),
    )


def _page(study: Study, subjects: Sequence[Subject], claims: Sequence[Claim], command: str, seconds: float) -> Page:
    subject = subjects[0]
    data = subject.data
    verdicts = [claim.holds for claim in claims]
    fallen = [claim for claim in claims if claim.holds is False]
    short = [
        f"{verdicts.count(True)} of {len(claims)} claims hold, {len(fallen)} do not, {verdicts.count(None)} are no "
        f"matter of yes or no; measured on {count_of(len(subjects), 'network')}.",
        *(f"{claim.id} does not hold: {claim.claim}. Seen was: {claim.measured}." for claim in fallen),
    ]
    facts = {
        "Data": f"{data.name}: {data.description or count_of(len(data), 'image')}",
        "Licence": data.licence,
        "Networks": f"{len(subjects)}, seeds 0 to {len(subjects) - 1} of splits, weights and orders",
        "Training": f"{subject.epochs} epochs, {len(subject.train)} images to train on, {len(subject.test)} to test on",
        "Time": f"{seconds:.0f} s, without what was kept from earlier runs",
        "Versions": f"python {platform.python_version()}, numpy {np.__version__}, tinynet {tinynet.__version__}",
    }
    return Page(
        title=f"{study.title}: {data.name}",
        lede=study.lede,
        short=short,
        facts={name: text for name, text in facts.items() if text},
        command=command,
        layers=subject.net.summary(),
        files={
            "claims.json": "the table of claims",
            "figures/": "the figures, one PNG file each",
            f"{subject.epochs}-epochs/": "trained networks and measurements, which a later run takes up again",
        },
        sources=[*study.sources, *([data.citation] if data.citation else [])],
        footer=f"Written by tinynet {tinynet.__version__}. This page needs no network and no other file.",
        kicker="tinynet study",
    )
