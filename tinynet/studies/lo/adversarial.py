"""LO-15: every face moved towards every identity, along the gradient of its prediction."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import stats

from tinynet import plots
from tinynet.explain.gradients import prediction_gradient
from tinynet.explain.synthesis.adversarial import adversarial_directions, attack, moved
from tinynet.pages.section import Section
from tinynet.report.samples import typical_images
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Results
from tinynet.studies.engine.jobs import Numbers
from tinynet.studies.engine.statistics import percents, spread
from tinynet.studies.engine.trials import Trial, first_trial, on_each_network
from tinynet.studies.lo.profiles import COMPARED
from tinynet.types import Array

STEPS = np.geomspace(0.25, 32, 8)  # lengths; a face of 60 x 60 pixels from 0 to 1 is some 30 long
SHOWN = (0.0, 1.0, 4.0, 16.0)
LIMITS = (0.0, 1.0)  # darkest and brightest value of a pixel
SIGNIFICANT = 0.01


def measure(trial: Trial) -> Numbers:
    """Attack along the gradients of probabilities and of logits, and note how long the former are."""
    net, data = trial.net, trial.data
    numbers: dict[str, Array] = {}
    for of in COMPARED:
        found = attack(net, data.x, data.labels, STEPS, of, limits=LIMITS)
        hit = (found.predictions == np.arange(len(data.classes))[:, None]) & found.counted()
        numbers[f"{of}, success"], numbers[f"{of}, error"] = found.success(), found.error()
        numbers[f"{of}, hits"] = np.stack([hit.sum(axis=2), found.counted().sum(axis=1) - hit.sum(axis=2)], axis=-1)
    gradient = prediction_gradient(net, data.x, "all", "probability", layers=["input"])["input"]
    others = np.arange(len(data.classes))[:, None] != data.labels
    lengths = np.sqrt(np.square(gradient.astype(np.float64)).sum(axis=(2, 3, 4)))
    return {**numbers, "length": np.array(np.median(lengths[others]))}


def claims(results: Results) -> list[Claim]:
    """Judge whether errors come more easily than targets, and whether targets differ."""
    success, error = results.stack("probability, success"), results.stack("probability, error")
    easier = np.nanmean(error - success, axis=2)
    last = np.nanmean(success, axis=0)[-1]
    unequal = np.array([_unequal(found) for found in results.stack("probability, hits")[:, -1]])
    steps = _telling(success)
    parts = [
        f"at length {STEPS[at]:.3g} {percents(np.nanmean(success[:, at], axis=1))} hit their target and "
        f"{percents(np.nanmean(error[:, at], axis=1))} are misclassified"
        for at in steps
    ]
    by_logit = [np.nanmean(results.stack(f"logit, {what}")[:, -1], axis=1) for what in ("success", "error")]
    extremes = [np.nanmin(success[:, -1], axis=1), np.nanmax(success[:, -1], axis=1)]
    return [
        results.claim(
            "LO-15",
            "images are moved towards other identities: inducing an error is easier than hitting a target, and some "
            "targets are easier than others",
            "figures 4.6 and 4.7",
            f"along the gradient of the probability {'; '.join(parts)} (every hit is an error, so the second is never "
            f"smaller). At length {STEPS[-1]:.3g} the hardest target is hit by {percents(extremes[0])}, the easiest by "
            f"{percents(extremes[1])}; a chi-squared test tells targets apart in {np.sum(unequal <= SIGNIFICANT)} of "
            f"{len(unequal)} networks. Along the logit: {percents(by_logit[0])} and {percents(by_logit[1])}. Gradients "
            f"were scaled to length 1: as they are, half are shorter than {spread(results.stack('length'), '.1e')}",
            bool((easier.max(axis=1) > 0).all() and np.mean(unequal <= SIGNIFICANT) > 0.5 and np.nanmax(last) > 0),
        )
    ]


def sections(results: Results) -> Iterator[Section]:
    """Show images on their way, and curves."""
    trial = first_trial(results)
    net, data = trial.net, trial.data
    found = {of: attack(net, data.x, data.labels, STEPS, of, limits=LIMITS) for of in COMPARED}
    rows = _pairs(trial)
    chosen, targets = (np.array(side) for side in zip(*rows, strict=True))
    directions = adversarial_directions(net, data.x[chosen], targets, "probability")
    there = np.stack([moved(data.x[chosen], directions, step, LIMITS) for step in SHOWN], axis=1)
    outputs = net(there)
    pairs = np.stack([outputs[np.arange(len(rows)), :, side] for side in (data.labels[chosen], targets)], axis=-1)
    names = [f"{data.classes[data.labels[at]]}\nto {data.classes[target]}" for at, target in rows]
    yield Section(
        "adversarial-faces",
        "Faces moved towards someone else (LO-15)",
        plots.adversarial_panels(
            there,
            pairs,
            names,
            [f"length {step:g}" if step else "as it is" for step in SHOWN],
            "Moved along the prediction gradient of the target's probability",
        ),
        "Rows of faces, moved further in each column, with the network's confidence in both identities.",
        "Figure 4.5, drawn anew: t is the probability of the true identity, y that of the target; bold where the "
        "target has won.",
        (),
    )
    for of in COMPARED:
        shares = [np.nanmean(results.stack(f"{of}, {what}"), axis=2) for what in ("success", "error")]
        yield Section(
            f"adversarial-{of}",
            f"Targets hit and errors made along the {of} (LO-15)",
            plots.adversarial_curves(found[of], data.classes, of),
            "Curves of the share of images that hit their target, and that are misclassified, over the step's length.",
            "Figures 4.6 and 4.7, drawn anew for the first network: every image that was right is moved towards every "
            "other identity. Lengths are Euclidean, in units of the brightness from black to white; pixels stay "
            "between both.",
            (
                f"Over all networks, at length {STEPS[-1]:.3g} {percents(shares[0][:, -1])} hit their target and "
                f"{percents(shares[1][:, -1])} are misclassified.",
            ),
        )


def _unequal(table: Array) -> float:
    """Return the p-value of a chi-squared test of hits and misses by target; 1 where nothing was hit, or everything."""
    counted = table[table.sum(axis=1) > 0]
    if len(counted) < 2 or not counted.sum(axis=0).all():
        return 1.0
    return float(stats.chi2_contingency(counted).pvalue)


def _telling(success: Array) -> list[int]:
    """Return two steps to write about: a middle one and the last."""
    return [success.shape[1] // 2, success.shape[1] - 1]


def _pairs(trial: Trial, most: int = 4) -> list[tuple[int, int]]:
    """Return a few images with a class each to be moved towards."""
    data = trial.data
    typical = typical_images(data.x, data.labels, len(data.classes))
    classes = len(data.classes)
    return [(int(typical[label]), (label + classes // 2) % classes) for label in range(min(most, classes))]


EXPERIMENT = on_each_network("thesis", __name__, claims, sections)
