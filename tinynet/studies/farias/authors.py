"""FM-1: the learning rule trains, and is the authors': one step of theirs, number by number, beside one of ours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from tinynet import models
from tinynet.datasets import Dataset
from tinynet.losses import SquaredError
from tinynet.network import Network
from tinynet.optimizers import SGD
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Budget, Experiment, Results
from tinynet.studies.engine.jobs import Job, Numbers
from tinynet.studies.engine.statistics import percents
from tinynet.studies.farias.candidates import recipes
from tinynet.studies.farias.paper import FIGURE_1, FIGURE_2, NEAR, figure_1, figure_2, is_papers, reached
from tinynet.studies.farias.runs import Group, Sweep
from tinynet.targets import GradientTargets
from tinynet.training import fit
from tinynet.types import Array

STEPS = (1.0, 30.0, 100.0)  # of the targets
ROUNDING = 1e-12
HIDDEN = ((3,), (4, 3), (3, 5, 4))
IMAGES, PIXELS, CLASSES = 7, (1, 2, 3), 3
RATE = 0.1


def authors_update(weights: list[Array], x: Array, wanted: Array, tau: float, rate: float) -> list[Array]:
    """Return the weights after one step on a batch, image by image and layer by layer.

    Parameters
    ----------
    weights : list of ndarray of shape (units, inputs)
        From the first layer to the last.
    x : ndarray of shape (N, pixels)
    wanted : ndarray of shape (N, K)
        One-hot.
    tau, rate : float
        Steps of the targets and of the weights.

    References
    ----------
    de Souza Farias and Maziero, the authors' program.
    """
    changes = [np.zeros_like(W) for W in weights]
    for image, one_hot in zip(x, wanted, strict=True):
        outputs = [image]
        for W in weights:
            outputs.append(expit(W @ outputs[-1]))
        target = one_hot
        for layer in reversed(range(len(weights))):
            y = outputs[layer + 1]
            slope = y * (1 - y)
            changes[layer] += np.outer((y - target) * slope, outputs[layer])
            target = 0 - tau * weights[layer].T @ ((y - target) * slope)
    return [W - rate * change / len(x) for W, change in zip(weights, changes, strict=True)]


def difference(seed: int, tau: float) -> float:
    """Return how far one step of `tinynet.fit` is from the authors', over the largest change of a weight.

    Parameters
    ----------
    seed : int
        Of weights and images.
    tau : float
        Step of the targets.
    """
    rng = np.random.default_rng(seed)
    x, labels = rng.random((IMAGES, *PIXELS)), rng.integers(0, CLASSES, IMAGES)
    worst = 0.0
    for hidden in HIDDEN:
        net = Network(models.sigmoid_layers(hidden, CLASSES), PIXELS, rng=seed, dtype=np.float64)
        before = [layer.params["W"].copy() for layer in net.layers if layer.params]
        expected = authors_update(before, x.reshape(IMAGES, -1), np.eye(CLASSES)[labels], tau, RATE)
        fit(
            net,
            x,
            labels,
            loss=SquaredError(),
            optimizer=SGD(RATE),
            epochs=1,
            batch_size=IMAGES,
            shuffle=False,
            progress=False,
            rule=GradientTargets(tau),
        )
        after = [layer.params["W"] for layer in net.layers if layer.params]
        for old, ours, theirs in zip(before, after, expected, strict=True):
            worst = max(worst, float(np.abs(ours - theirs).max() / np.abs(theirs - old).max()))
    return worst


@dataclass(frozen=True)
class Comparison(Job):
    """Steps of ours beside those of the authors.

    Attributes
    ----------
    seed : int
        Of weights and images.
    """

    seed: int

    @property
    def name(self) -> str:
        """Its seed."""
        return f"authors_seed{self.seed}"

    def measure(self, data: Dataset, *needed: Numbers) -> Numbers:
        """Return the largest difference of all `STEPS`; images are drawn."""
        return {"difference": np.array(max(difference(self.seed, tau) for tau in STEPS))}


def jobs(data: Dataset, budget: Budget) -> list[Job]:
    """Return comparisons, and the networks of the study."""
    return [*(Comparison(seed) for seed in range(budget.seeds)), *recipes(data, budget)]


def claims(results: Results) -> list[Claim]:
    """Judge FM-1."""
    sweep = Sweep.of(results)
    first, last = figure_1(sweep), figure_2(sweep)
    differences = [float(results.found[job]["difference"]) for job in results.jobs if isinstance(job, Comparison)]
    trained = reached(first, FIGURE_1) and last is not None and last.accuracy >= FIGURE_2.accuracy - NEAR
    exact = max(differences) < ROUNDING
    return [
        results.claim(
            "FM-1",
            "the learning rule trains",
            "gradient target propagation, from the authors' program",
            f"one step differs from the authors' update, written out, by {max(differences):.1e} of the largest change "
            f"(float64, one to three hidden layers); 128 units reach {_accuracy(first)} after one epoch and "
            f"{_accuracy(last)} after ten",
            exact and (trained or not is_papers(results)),
            control=f"an update of another rule would differ: the test is passed below {ROUNDING:g} alone",
            settings="as FM-2 and FM-3; the steps compared are drawn",
        )
    ]


def _accuracy(group: Group | None) -> str:
    return "(not trained)" if group is None else percents(group.each("accuracy"))


EXPERIMENT = Experiment(jobs, claims)
