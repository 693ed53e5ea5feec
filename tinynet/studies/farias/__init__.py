"""The experiments of de Souza Farias and Maziero: features made by target propagation, and when they cease to be seen.

`networks` says which networks are trained and how, `jobs` trains them in several processes, `runs` holds what came of
it, `verdicts` and `page` make the table and the page; `units` is FM-10, `authors` FM-1, `knee` the fit of FM-8.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

from tinynet.datasets import Dataset
from tinynet.explain.metrics.feature_match import class_directions
from tinynet.pages.page import Page
from tinynet.plots import count_of
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.writing import FILES, FOOTER, KICKER, in_short, versions, write
from tinynet.studies.farias import authors
from tinynet.studies.farias.jobs import Job, Work, done
from tinynet.studies.farias.networks import BATCH, EPOCH, Recipe, network, recipes
from tinynet.studies.farias.page import sections
from tinynet.studies.farias.runs import Run, Sweep
from tinynet.studies.farias.units import KINDS, Units
from tinynet.studies.farias.verdicts import Findings, claims

NAME = "farias"
STEPS = (1.0, 30.0, 100.0)  # of the targets, for FM-1


def run(
    data: Dataset,
    out: str | os.PathLike[str],
    *,
    seeds: int = 5,
    quick: bool = False,
    command: str = "",
    progress: bool = True,
    processes: int | None = None,
    networks: Sequence[Recipe | Units] | None = None,
) -> list[Claim]:
    """Train the networks of the paper and of the sweep; write ``claims.json`` and the page, and return the claims.

    Parameters
    ----------
    data : Dataset
        Images and labels; a published split is kept.
    out : path
        Folder to write to. What is measured on each network is kept there in a file of its own, so that a study that
        was stopped goes on where it was.
    seeds : int
        Networks of each kind; of wide deep ones fewer.
    quick : bool
        Train a few small networks.
    command : str
        What runs the study again; the page says so.
    progress : bool
        Whether a progress bar is shown (on a terminal only).
    processes : int, optional
        How many networks are trained at once; as many as there are processors if not given.
    networks : sequence of Recipe and Units, optional
        Other networks than those of the table.

    Returns
    -------
    list of Claim
    """
    started, folder = time.perf_counter(), Path(out)
    train, test = data.split(rng=0)
    work = Work(folder / "networks", train, test)
    chosen: Sequence[Recipe | Units] = networks or [
        *recipes(len(train), seeds, quick),
        *(Units(kind, seed) for kind in KINDS for seed in range(seeds)),
    ]
    _train(work, chosen, progress, processes)
    units = [job for job in chosen if isinstance(job, Units)]
    found = Findings(
        data.name,
        Sweep([Run(job, work.do(job)) for job in chosen if isinstance(job, Recipe)]),
        {
            kind: [work.do(job) for job in units if job.kind == kind]
            for kind in dict.fromkeys(job.kind for job in units)
        },
        [max(authors.difference(seed, tau) for tau in STEPS) for seed in range(seeds)],
        seeds,
    )
    judged = claims(found)
    parts = list(sections(found, data.classes, class_directions(train.x, train.labels)))
    seconds = time.perf_counter() - started
    write(folder, _page(data, train, test, judged, len(chosen), command, seconds), judged, parts)
    return judged


def _train(work: Work, jobs: Sequence[Job], progress: bool, processes: int | None) -> None:
    from tqdm.auto import tqdm

    total = sum(job.cost for job in jobs)
    with tqdm(total=100, desc=NAME, bar_format="{l_bar}{bar}| {elapsed}", disable=None if progress else True) as bar:
        finished = []

        def after_each(job: Job) -> None:
            finished.append(job)
            bar.set_description(f"{len(finished)} of {len(jobs)} networks")
            bar.update(100 * job.cost / total)

        done(work, jobs, after_each, processes)


def _page(
    data: Dataset,
    train: Dataset,
    test: Dataset,
    judged: Sequence[Claim],
    networks: int,
    command: str,
    seconds: float,
) -> Page:
    facts = {
        "Data": f"{data.name}: {data.description or count_of(len(data), 'image')}",
        "Licence": data.licence,
        "Networks": f"{networks}, of sigmoid units without biases, weights drawn as in the authors' program",
        "Training": f"{len(train):,} images to train on, {len(test):,} to test on, batches of {BATCH}, plain gradient "
        f"descent without momentum; an epoch is {EPOCH:,} images met, as many as MNIST has",
        "Time": f"{seconds:.0f} s, without what was kept from earlier runs",
        "Versions": versions(),
    }
    return Page(
        title=f"Features by target propagation: {data.name}",
        lede="What the units of a network want to see, read from the targets that they send down to the pixels; and "
        "how this changes while the network learns. The experiments of the paper, over many networks.",
        short=in_short(judged, networks),
        facts={name: text for name, text in facts.items() if text},
        command=command,
        layers=network((128,), data, 0).summary(),
        files={**FILES, "networks/": "what was measured on each network, which a later run takes up again"},
        sources=[
            "T. de Souza Farias, J. Maziero: Feature extraction by target propagation.",
            "T. de Souza Farias, J. Maziero: Gradient target propagation, 2018, and the authors' program.",
            *([data.citation] if data.citation else []),
        ],
        footer=FOOTER,
        kicker=KICKER,
    )
