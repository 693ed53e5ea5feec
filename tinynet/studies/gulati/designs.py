"""GL-8: look at a network, change its design by the advice alone, and compare with it and with a thinner one."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tinynet import datasets, models, plots
from tinynet.classes import accuracy
from tinynet.datasets import Dataset
from tinynet.explain.design import DesignComparison, inspect_network
from tinynet.explain.design.advice import changed
from tinynet.explain.design.units import hidden_layers, unit_states
from tinynet.layers import Layer
from tinynet.network import Network
from tinynet.network.storage import layers_of
from tinynet.pages.section import Section
from tinynet.studies.engine import views
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Budget, Experiment, Results
from tinynet.studies.engine.jobs import Job, Numbers
from tinynet.studies.engine.views import mirrored
from tinynet.studies.gulati import networks
from tinynet.studies.gulati.networks import DRAWN, pictures, split
from tinynet.types import Array

MARGINS = {"gulati": 0.005, "photographs": 0.03}
"""By how much less accuracy a design counts as equally good: fixed before any was trained."""
DESIGNS = ("as filed", "advised", "thinned")
TIMES = 2  # as many networks as the budget's, for the sake of p-values: 10 in the whole study
EPOCHS, QUICK_EPOCHS = {"gulati": 4, "photographs": 12}, {"gulati": 8, "photographs": 4}
DIGITS, QUICK_DIGITS = 8000, 1600
LOOKED_AT = 0.2  # of the training images, which the network that is looked at is not trained on
MOST_LOOKED_AT = 300  # images
ALPHA = 0.05


def images_of(model: str, data: Dataset, *, quick: bool) -> Dataset:
    """Return the digits, or the photographs: those given if they are of that kind, else drawn ones.

    Parameters
    ----------
    model : {"gulati", "photographs"}
    data : Dataset
    quick : bool
    """
    if model == "photographs":
        return pictures(data, quick=quick)
    found = data if data.input_shape[0] == 1 and len(data.classes) == 10 else datasets.load(f"digits:{DIGITS}")
    return found.take(np.arange(min(QUICK_DIGITS, len(found)))) if quick else found


def parts(model: str, data: Dataset, seed: int) -> tuple[Dataset, Dataset]:
    """Return the images to train on and to test on.

    Parameters
    ----------
    model : str
    data : Dataset
    seed : int
    """
    return split(data, seed) if model == "photographs" else data.split(rng=seed)


def train(model: str, net: Network, images: Dataset, epochs: int, seed: int) -> None:
    """Train a network in place, as its document says.

    Parameters
    ----------
    model : str
    net : Network
    images : Dataset
    epochs, seed : int
    """
    x, labels = mirrored(images.x, images.labels) if model == "photographs" else (images.x, images.labels)
    models.named(model).train(net, x, labels, epochs=epochs, rng=seed, progress=False)


def thinned(net: Network, parameters: int) -> list[Layer]:
    """Return untrained layers with the same share of all hidden units, as near to a number of parameters as it gets.

    Parameters
    ----------
    net : Network
    parameters : int
    """
    counts = {layer.name: net.shapes[layer.name][0] for layer, _ in hidden_layers(net)}
    name = {layer.name: "filters" if hasattr(layer, "filters") else "units" for layer, _ in hidden_layers(net)}

    def at(share: float) -> list[Layer]:
        left = {layer: max(round(share * count), 1) for layer, count in counts.items()}
        return [
            changed(layer, {name[layer.name]: left[layer.name]} if layer.name in left else {}) for layer in net.layers
        ]

    tried = [at(share) for share in np.linspace(0.05, 1.5, 146)]
    sizes = [Network(layers, net.input_shape).parameter_count for layers in tried]
    return at(np.linspace(0.05, 1.5, 146)[int(np.argmin(np.abs(np.array(sizes) - parameters)))])


@dataclass(frozen=True)
class Look(Job):
    """What is seen in one network, and the designs that follow.

    Attributes
    ----------
    model : {"gulati", "photographs"}
    epochs : int
    quick : bool
    """

    model: str
    epochs: int
    quick: bool = False
    beside = (views, networks)

    @property
    def name(self) -> str:
        """Model and epochs."""
        return f"look_{self.model}_epochs{self.epochs}{'_quick' if self.quick else ''}"

    @property
    def cost(self) -> float:
        """Passes over the images."""
        return self.epochs

    def measure(self, data: Dataset, *needed: Numbers) -> Numbers:
        """Train the network of seed 0, look at it with images that it has not seen, and change it by the advice alone.

        Parameters
        ----------
        data : Dataset
        *needed : mapping of str to ndarray
        """
        images = images_of(self.model, data, quick=self.quick)
        seen, looked_at = parts(self.model, parts(self.model, images, 0)[0], 1)
        net = models.build(self.model, images.input_shape, len(images.classes), rng=0)
        train(self.model, net, seen, self.epochs, 0)
        few = looked_at.take(np.arange(min(MOST_LOOKED_AT, len(looked_at))))
        evidence = few.masks["spots"] if images.name == DRAWN else None
        report = inspect_network(net, few.x, few.labels, evidence=evidence)
        advised = report.redesign()
        thin = Network(thinned(net, advised.parameter_count), net.input_shape, dtype=net.dtype)
        designs = (Network([changed(layer) for layer in net.layers], net.input_shape), advised, thin)
        return {
            "designs": np.array([json.dumps(design.description()) for design in designs]),
            "report": np.array(str(report)),
            "counts": np.array([report.count(kind) for kind in ("dead", "constant", "copies", "saturated", "free")]),
        }


@dataclass(frozen=True)
class Design(Job):
    """A network of a design, trained from the start.

    Attributes
    ----------
    look : Look
    design : int
        Which of `DESIGNS`.
    seed : int
    """

    look: Look
    design: int
    seed: int
    beside = (views, networks)

    @property
    def name(self) -> str:
        """What it is of, the design and the seed."""
        return f"{self.look.name}_{DESIGNS[self.design].replace(' ', '_')}_seed{self.seed}"

    @property
    def cost(self) -> float:
        """Passes over the images."""
        return self.look.epochs

    @property
    def needs(self) -> tuple[Job, ...]:
        """The look that the designs come from."""
        return (self.look,)

    def measure(self, data: Dataset, *needed: Numbers) -> Numbers:
        """Train it, test it, and count what does no work.

        Parameters
        ----------
        data : Dataset
        *needed : mapping of str to ndarray
            Of `Look`.
        """
        images = images_of(self.look.model, data, quick=self.look.quick)
        seen, test = parts(self.look.model, images, self.seed)
        description = json.loads(str(needed[0]["designs"][self.design]))
        net = Network(layers_of(description, ()), images.input_shape, rng=self.seed)
        start = time.perf_counter()
        train(self.look.model, net, seen, self.look.epochs, self.seed)
        seconds = time.perf_counter() - start
        states = unit_states(net, test.x).values()
        return {
            "accuracy": np.array(accuracy(net, test.x, test.labels)),
            "seconds": np.array(seconds),
            "parameters": np.array(net.parameter_count),
            "dead": np.array(sum(int(each.dead.sum()) for each in states)),
            "redundant": np.array(sum(int((each.copies >= 0).sum()) for each in states)),
            "filters": np.array(sum(len(each.dead) for each in states)),
        }


def jobs(data: Dataset, budget: Budget) -> list[Job]:
    """Return a look at each of two networks, and three designs with several seeds for each.

    Parameters
    ----------
    data : Dataset
    budget : Budget
    """
    epochs, seeds = (QUICK_EPOCHS, budget.seeds) if budget.quick else (EPOCHS, TIMES * budget.seeds)
    found: list[Job] = []
    for model in MARGINS:
        look = Look(model, epochs[model], budget.quick)
        found.append(look)
        found += [Design(look, design, seed) for design in range(len(DESIGNS)) for seed in range(seeds)]
    return found


def comparison(results: Results, model: str) -> tuple[DesignComparison, Array]:
    """Return the designs compared, and how many filters they have, how many are dead and how many redundant.

    Parameters
    ----------
    results : Results
    model : str

    Returns
    -------
    DesignComparison
    ndarray of shape (designs, 3)
        Means over the seeds.
    """
    found: list[list[Numbers]] = [[] for _ in DESIGNS]
    for job in results.jobs:
        if isinstance(job, Design) and job.look.model == model:
            found[job.design].append(results.found[job])

    def table(name: str) -> Array:
        return np.array([[float(numbers[name]) for numbers in row] for row in found])

    counts = np.stack([table(name).mean(axis=1) for name in ("filters", "dead", "redundant")], axis=1)
    return (
        DesignComparison(DESIGNS, table("parameters")[:, 0], table("seconds"), table("accuracy"), MARGINS[model]),
        counts,
    )


def rows(found: DesignComparison, counts: Array) -> tuple[tuple[str, ...], ...]:
    """Return the table of a comparison, with filters counted.

    Parameters
    ----------
    found : DesignComparison
    counts : ndarray of shape (designs, 3)
    """
    head, *body = found.rows()
    counted = [(f"{all_:.0f}", f"{dead:.1f}", f"{copies:.1f}") for all_, dead, copies in counts]
    return ((*head, "filters", "dead", "redundant"), *((*row, *more) for row, more in zip(body, counted, strict=True)))


def claims(results: Results) -> list[Claim]:
    """Judge whether the advised design is smaller and as good, by the margin.

    Parameters
    ----------
    results : Results
    """
    told, beside, holds, seeds = [], [], [], 0
    for model in MARGINS:
        found, counts = comparison(results, model)
        seeds = found.accuracy.shape[1]
        smaller = found.parameters[1] < found.parameters[0]
        holds.append(bool(smaller and found.p_worse(1) <= ALPHA))
        right, seconds = 100 * found.accuracy.mean(axis=1), found.seconds.mean(axis=1)
        told.append(
            f"{model}: {found.parameters[0]:,.0f} parameters become {found.parameters[1]:,.0f}, accuracy "
            f"{right[0]:.1f} % becomes {right[1]:.1f} %, worse by more than {100 * found.margin:g} points with "
            f"p = {found.p_worse(1):.3f}, training {seconds[0]:.1f} s becomes {seconds[1]:.1f} s, dead filters "
            f"{counts[0, 1]:.1f} become {counts[1, 1]:.1f}, redundant ones {counts[0, 2]:.1f} become {counts[1, 2]:.1f}"
        )
        beside.append(
            f"{model}: thinned evenly to {found.parameters[2]:,.0f} parameters {right[2]:.1f} %, "
            f"p = {found.p_worse(2):.3f}"
        )
    can_tell = 0.5**seeds <= ALPHA  # no p-value is smaller than that of all signs alike
    return [
        Claim(
            "GL-8",
            "a network changed by the advice alone is smaller and as good, within a margin that was fixed beforehand",
            "a heading alone",
            ", and ".join(told),
            all(holds) if can_tell else None,
            seeds,
            " and ".join(images_of(model, results.data, quick=True).name for model in MARGINS),
            "; ".join(beside),
            "the margins, in points of accuracy, were fixed before any design was trained",
        )
    ]


def told(results: Results) -> str:
    """Return what was seen and advised, for both networks.

    Parameters
    ----------
    results : Results
    """
    return "\n\n".join(
        f"{job.model}: {results.found[job]['report']}\n\n{comparison(results, job.model)[0]}"
        for job in results.jobs
        if isinstance(job, Look)
    )


def sections(results: Results) -> Iterator[Section]:
    """Show the comparison for each network, with the table and the advice.

    Parameters
    ----------
    results : Results
    """
    for job in results.jobs:
        if isinstance(job, Look):
            found, counts = comparison(results, job.model)
            yield Section(
                f"designs-{job.model}",
                f"A better {job.model} network by looking (GL-8)",
                plots.design_comparison(
                    found, f"{job.model}: as filed, as advised, and thinned evenly to the same size"
                ),
                "Accuracies of three designs, a dot a seed, with the margin within which they count as equal.",
                "The network of seed 0 was looked at with images that it was not trained or tested on. The advised "
                "design follows from what was seen, by code; the thinned one has as many parameters but the same share "
                "of filters in all layers, without looking.",
                tuple(line.strip() for line in str(results.found[job]["report"]).splitlines() if ": Over" in line),
                rows(found, counts),
            )


EXPERIMENT = Experiment(jobs, claims, sections, told)
