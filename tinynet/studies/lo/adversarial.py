"""LO-15: every face moved towards every identity, along the gradient of its prediction."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tinynet import plots
from tinynet.classes import predicted
from tinynet.explain import norms
from tinynet.explain.gradients import prediction_gradient
from tinynet.explain.synthesis.adversarial import Attack, adversarial_directions, attack, moved
from tinynet.pages.section import Section
from tinynet.report.samples import typical_images
from tinynet.studies.engine.claims import Claim
from tinynet.studies.engine.experiment import Results
from tinynet.studies.engine.jobs import Numbers
from tinynet.studies.engine.statistics import paired_p_value, percents, rank_correlation, spread
from tinynet.studies.engine.trials import Trial, first_trial, on_each_network
from tinynet.studies.lo.controls import NINE_OF_TEN
from tinynet.studies.lo.readings import COMPARED
from tinynet.types import Array

STEPS = np.geomspace(0.25, 32, 8)  # lengths; a face of 60 x 60 pixels from 0 to 1 is some 30 long
SHOWN = (0.0, 1.0, 4.0, 16.0)
LIMITS = (0.0, 1.0)  # darkest and brightest value of a pixel
FAR = 10 * STEPS[-1]  # length of a move to the extreme regions of image space
DIRECTIONS = 20  # random ones, for each image
RELABELLINGS = 999
SIGNIFICANT = 0.01
EXTREMES_SIGNIFICANT = 0.05
SETTINGS = "all lengths count alike, from a hundredth of a face's length to its whole; nothing is chosen"
TRIES = {
    "error, one try (away from its class)": "error, one try",
    "target, one try (towards it)": "target, one try",
    "error, a try for each target": "error, all tries",
    "any target, a try for each": "target, all tries",
}


def measure(trial: Trial) -> Numbers:
    """Attack along the gradients of probabilities and of logits, and note how long the former are."""
    net, data = trial.net, trial.data
    numbers: dict[str, Array] = {}
    for of in COMPARED:
        steps = STEPS if of == "probability" else STEPS[-1:]
        found = attack(net, data.x, data.labels, steps, of, limits=LIMITS)
        numbers[f"{of}, success"], numbers[f"{of}, error"] = found.success(), found.error()
        if of == "probability":
            numbers |= _equal_tries(trial, found)
            hit = found.predictions[-1] == np.arange(len(data.classes))[:, None]
            numbers["unequal"] = np.array(p_of_unequal_targets(hit.T, found.counted().T, trial.seed))
            far = rank_correlation(_far_shares(trial), np.nan_to_num(found.success()[-1]))
            numbers["extremes"] = np.array(far)
    gradient = prediction_gradient(net, data.x, "all", "probability", layers=["input"])["input"]
    others = np.arange(len(data.classes))[:, None] != data.labels
    lengths = np.sqrt(np.square(gradient.astype(np.float64)).sum(axis=(2, 3, 4)))
    return {**numbers, "length": np.array(np.median(lengths[others]))}


def _equal_tries(trial: Trial, found: Attack) -> dict[str, Array]:
    """Return shares of the images that were right: errors and hits with one try each, and with a try for each target.

    The one try for an error goes away from the image's own class, the one for a target towards that target.
    """
    net, data, counted = trial.net, trial.data, found.counted()
    right = counted.any(axis=0)
    away = adversarial_directions(net, data.x, data.labels, "probability")
    fooled = [predicted(net(moved(data.x, away, -step, LIMITS))) != data.labels for step in STEPS]
    hit = (found.predictions == np.arange(len(counted))[:, None]) & counted
    wrong = (found.predictions != data.labels) & counted
    with np.errstate(invalid="ignore"):
        shares = {
            "error, one try": np.array(fooled)[:, right],
            "target, one try": hit[:, counted],
            "error, all tries": wrong.any(axis=1)[:, right],
            "target, all tries": hit.any(axis=1)[:, right],
        }
        return {name: happened.sum(axis=1) / np.float64(happened.shape[1]) for name, happened in shares.items()}


def p_of_unequal_targets(hits: Array, counted: Array, seed: int) -> float:
    """Return how probable targets so unequal are if an image is hit for as many targets, but for any of them alike.

    Parameters
    ----------
    hits, counted : ndarray of bool of shape (N, K)
        Whether image n was hit for target k, and whether that counts.
    seed : int
        Of the permutations.

    Notes
    -----
    An image that is easily moved comes up for every target, which a chi-squared test takes for independent images.
    Here each image deals its own hits to the targets that count for it. The statistic is the sum over targets of the
    squared distance of their hits from what is expected.
    """
    rng = np.random.default_rng(seed)
    happened = hits & counted
    tries = counted.sum(axis=1, keepdims=True)
    expected = (counted * happened.sum(axis=1, keepdims=True) / np.maximum(tries, 1)).sum(axis=0)

    def distance(dealt: Array) -> float:
        return float(np.square(dealt.sum(axis=0) - expected).sum())

    least = happened.sum(axis=1, keepdims=True)

    def deal() -> Array:
        order = np.where(counted, rng.random(counted.shape), 2.0).argsort(axis=1).argsort(axis=1)
        return order < least

    seen = distance(happened)
    as_far = sum(distance(deal()) >= seen - 1e-9 for _ in range(RELABELLINGS))
    return (1 + as_far) / (1 + RELABELLINGS)


def _far_shares(trial: Trial) -> Array:
    """Return the share of the points far out, in random directions from the images, that each class owns."""
    net, data, rng = trial.net, trial.data, np.random.default_rng(trial.seed)
    counts = np.zeros(len(data.classes))
    for _ in range(DIRECTIONS):
        direction = norms.directions(rng.normal(size=data.x.shape), (1, 2, 3))
        far = predicted(net(data.x + FAR * direction))
        counts += np.bincount(far, minlength=len(counts))
    return counts / counts.sum()


def claims(results: Results) -> list[Claim]:
    """Judge whether errors come more easily than targets at equal tries, whether targets differ, and who owns what."""
    success, error = results.stack("probability, success"), results.stack("probability, error")
    one = {what: results.stack(f"{what}, one try") for what in ("error", "target")}
    every = {what: results.stack(f"{what}, all tries") for what in ("error", "target")}
    easier = np.nanmean(one["error"] - one["target"], axis=1) > 0
    unequal, extremes = results.stack("unequal"), results.stack("extremes")
    middle, last = success.shape[1] // 2, success.shape[1] - 1
    parts = [
        f"at length {STEPS[at]:.3g} {percents(one['error'][:, at])} are misread, {percents(one['target'][:, at])} hit "
        "a given target"
        for at in (middle, last)
    ]
    moves = f"{percents(np.nanmean(error[:, last], axis=1))} and {percents(np.nanmean(success[:, last], axis=1))}"
    tries = f"{percents(every['error'][:, last])} and {percents(every['target'][:, last])}"
    by_logit = [np.nanmean(results.stack(f"logit, {what}")[:, -1], axis=1) for what in ("success", "error")]
    ends = [np.nanmin(success[:, -1], axis=1), np.nanmax(success[:, -1], axis=1)]
    sure = paired_p_value(extremes)
    return [
        results.claim(
            "LO-15",
            "images are moved towards other identities: inducing an error is easier than hitting a target, and some "
            "targets are easier than others",
            "figures 4.6 and 4.7",
            f"with one try each, away from its own class or towards a target, {', '.join(parts)} (an error is easier "
            f"in {easier.sum()} of {len(easier)} networks). At length {STEPS[last]:.3g} the hardest target is hit by "
            f"{percents(ends[0])}, the easiest by {percents(ends[1])}; dealing each image's hits to any target tells "
            f"targets apart in {np.sum(unequal <= SIGNIFICANT)} of {len(unequal)} networks. As in the documents, of "
            f"the same moves, {moves} are errors and hits, of images with a try for each target {tries}: every hit is "
            f"an error there, by counting. Along the logit: {percents(by_logit[1])} and {percents(by_logit[0])}. "
            f"Gradients were scaled to length 1: as they are, half are shorter than "
            f"{spread(results.stack('length'), '.1e')}",
            easier.mean() >= NINE_OF_TEN and np.mean(unequal <= SIGNIFICANT) > 0.5 and np.nanmax(success[:, -1]) > 0,
            control="the same number of tries for both; for targets, hits dealt at random within each image",
            settings=SETTINGS,
        ),
        results.claim(
            "LO-15, extreme regions",
            "more of the extreme regions of image space belong to the easier targets",
            "4.4, as the prevailing explanation",
            f"rank correlation, over the targets, of how often one is hit at length {STEPS[last]:.3g} with its share "
            f"of the points {FAR:.0f} out in random directions {spread(extremes, '.2f')}; above zero with p = "
            f"{sure:.2g}",
            np.nanmean(extremes) > 0 and sure <= EXTREMES_SIGNIFICANT if np.isfinite(extremes).any() else False,
            control="0 if the regions have nothing to do with it",
            settings=f"{DIRECTIONS} random directions from each image, ten times the longest step; nothing is chosen",
        ),
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
    yield _tries(results)
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


def _tries(results: Results) -> Section:
    middle = len(STEPS) // 2
    return Section(
        "adversarial-tries",
        "An error and a target, with as many tries (LO-15)",
        plots.beside_controls(
            {
                f"moved by {STEPS[at]:.3g}, % of the images": {
                    name: 100 * results.stack(what)[:, at] for name, what in TRIES.items()
                }
                for at in (middle, len(STEPS) - 1)
            },
            "Is an error easier than a target?",
            measured=2,
        ),
        "Points for each network: errors and hits with one try each, and with one for each target.",
        "With one try each (above) either can win. In the documents' figures every hit counts as an error too (below), "
        "so that the error is ahead by counting.",
        (),
    )


def _pairs(trial: Trial, most: int = 4) -> list[tuple[int, int]]:
    """Return a few images with a class each to be moved towards."""
    data = trial.data
    typical = typical_images(data.x, data.labels, len(data.classes))
    classes = len(data.classes)
    return [(int(typical[label]), (label + classes // 2) % classes) for label in range(min(most, classes))]


EXPERIMENT = on_each_network("thesis", __name__, claims, sections)
